"""Papers: a typst document under `templates/pdf/`, filled with JSON that it reads as data, never as markup.

Nothing is fetched: the fonts come with the library, and a document may read only files of its own folder. The library
is large and imported when the first paper is made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from config import ROOT

FOLDER = ROOT / "templates" / "pdf"


def render(document: str, facts: Mapping[str, Any], *, any_letters: bool = False) -> bytes:
    """`templates/pdf/<document>.typ` as a PDF. The document finds `facts` with `json(bytes(sys.inputs.facts))`.

    `any_letters`: for papers with addresses. Letters that the library's own fonts lack (Chinese, Thai, Arabic) are
    drawn with the machine's, where it has them.
    """
    import typst

    made: bytes = typst.compile(str(FOLDER / f"{document}.typ"), format="pdf", **_inputs(facts, any_letters))
    return made


def pictures(
    document: str, facts: Mapping[str, Any], *, dots_per_inch: float = 110, any_letters: bool = False
) -> list[bytes]:
    """The same as one PNG per page, for those who want to look at it."""
    import typst

    inputs = _inputs(facts, any_letters)
    made: Any = typst.compile(str(FOLDER / f"{document}.typ"), format="png", ppi=dots_per_inch, **inputs)
    return list(made) if isinstance(made, list) else [made]


def _inputs(facts: Mapping[str, Any], any_letters: bool) -> dict[str, Any]:
    """The same on every machine: only the library's own fonts, where they have the letters."""
    texts = {"facts": json.dumps(facts, ensure_ascii=False)}
    return {"root": str(FOLDER), "ignore_system_fonts": not any_letters, "sys_inputs": texts}
