"""A workshop's pieces as a table: a file out, and the same file changed and sent back in.

`columns` says what each column holds and how a cell is read and written; `reading` makes rows of bytes; `stand` is what
there is now; `planning` compares the two and says what would change, and every fault with its row and column. Nothing
here writes: `services/imports.py` does, with the whole plan or not at all.
"""
