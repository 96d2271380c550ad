"""The application that every server and every `flask --app wsgi` command loads."""

import gc

from marketplace import create_app

app = create_app()
# What is loaded now stays: the collector need not walk through it again (performance.md 1: p99 25.6 -> 10.8 ms).
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
