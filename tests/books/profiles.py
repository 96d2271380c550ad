"""How many walks: HYPOTHESIS_PROFILE=long takes 10,000 (`make test-long`), everything else 150."""

from __future__ import annotations

import os

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
WALKS = 10_000 if IS_LONG else 150
WALKS_ON_A_SERVER = 500 if IS_LONG else 25  # PostgreSQL empties its tables for each
