"""What a newcomer reads is true: every path of the README's map is there, and so is every setting."""

from __future__ import annotations

import re

from config import ROOT

README = (ROOT / "README.md").read_text()


def test_every_path_of_the_map_exists() -> None:
    section = README.split("Where do I change")[1].split("## Settings")[0]
    paths = [path for path in re.findall(r"`([^`]+)`", section) if "/" in path]
    assert len(paths) >= 12
    for path in paths:
        assert list(ROOT.glob(path.rstrip("/"))), f"{path} is not there"


def test_every_area_is_on_the_map() -> None:
    areas = {path.parent.name for path in (ROOT / "marketplace").glob("*/__init__.py")}
    assert [area for area in sorted(areas) if f"`{area}`" not in README] == []


def test_every_setting_is_told() -> None:
    read = set(re.findall(r'_(?:env|number)\("([A-Z_]+)"', (ROOT / "config.py").read_text()))
    assert len(read) >= 15
    assert [name for name in sorted(read) if f"`{name}`" not in README] == []


def test_every_make_target_of_the_readme_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make ([a-z-]+)", README)) <= targets
