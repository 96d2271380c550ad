"""The blueprint of the public pages; its endpoints are named catalog.*."""

from __future__ import annotations

from marketplace.core.web import MarketBlueprint

from . import menu

bp = MarketBlueprint("catalog", __name__)
bp.app_context_processor(menu.template_globals)
