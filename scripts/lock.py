"""The lock files: `write` makes them from pyproject.toml, `check` fails when they differ or name an address."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS: dict[str, list[str]] = {"requirements.lock": [], "requirements-dev.lock": ["--group", "dev"]}
# fmt: off
OPTIONS = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-emit-index-url", "-q"]
# fmt: on


def write() -> None:
    for name, more in LOCKS.items():
        command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", *OPTIONS, *more, "-o", name]
        subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603


def wanted(group: bool) -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return list(project["project"]["dependencies"]) + (project["dependency-groups"]["dev"] if group else [])


def problems() -> list[str]:
    """Every declared requirement is met by a pinned, hashed version, and no address stands in the file."""
    from packaging.requirements import Requirement

    found = []
    for name, more in LOCKS.items():
        text = (ROOT / name).read_text()
        pins = dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", text, re.M))
        if re.search(r"https?://|index-url|find-links", text):
            found.append(f"{name} names an address")
        blocks = re.split(r"\n(?=[a-z0-9._-]+==)", text)
        found += [
            f"{name}: {block.split()[0]} has no hash" for block in blocks if "==" in block and "--hash" not in block
        ]
        for line in wanted(bool(more)):
            need = Requirement(line)
            pinned = pins.get(need.name.lower().replace("_", "-"))
            if pinned is None or not need.specifier.contains(pinned, prereleases=True):
                found.append(f"{name}: '{line}' is not met by {pinned}; run `make lock`")
    return found


def main() -> None:
    if sys.argv[1:] == ["write"]:
        write()
        return
    found = problems()
    sys.exit("\n".join(found) if found else 0)


if __name__ == "__main__":
    main()
