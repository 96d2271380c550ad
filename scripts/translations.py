"""The texts in two languages: `collect` them from code and templates, `compile` for use, `check` that all are there."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "marketplace" / "translations"
LANGUAGES = ("en", "id")  # English texts are the message ids; its catalog only holds plural forms
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "_n": (1, 2),
    "pgettext": ((1, "c"), 2),  # one English word, two Indonesian ones: the context tells which
}
OPTIONS = {"**.html": {"trimmed": "true", "silent": "false"}, "**.txt": {"trimmed": "true", "silent": "false"}}


def _path(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def template() -> Catalog:
    """Every text that the shop can say, as it stands in the tree now."""
    catalog = Catalog(project="Perak Celuk", charset="utf-8", fuzzy=False)
    for folder in ("marketplace", "templates"):
        found = extract_from_dir(ROOT / folder, METHODS, OPTIONS, keywords=KEYWORDS)
        for file, _line, message, comments, context in found:
            catalog.add(message, None, [(f"{folder}/{file}", 0)], auto_comments=comments, context=context)
    return catalog


def load(language: str) -> Catalog:
    with _path(language).open("rb") as file:
        return read_po(file, locale=language)


def collect() -> None:
    wanted = template()
    for language in LANGUAGES:
        path = _path(language)
        catalog = load(language) if path.exists() else Catalog(locale=language, project="Perak Celuk", fuzzy=False)
        catalog.update(wanted, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        catalog.header_comment = (
            f"# Perak Celuk: the shop's texts, {catalog.locale_identifier}. Collected by `make messages`."
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        with io.BytesIO() as buffer:
            write_po(
                buffer, catalog, width=110, sort_output=True, no_location=False, include_lineno=False, omit_header=False
            )
            text = re.sub(
                r'^"(POT-Creation-Date|PO-Revision-Date|Generated-By).*\n', "", buffer.getvalue().decode(), flags=re.M
            )
        path.write_text(text)


def compile_all() -> None:
    for language in LANGUAGES:
        path = _path(language)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, load(language))


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", text))


def problems() -> list[str]:
    """What is missing, left over, or lost a placeholder in the Indonesian catalog."""
    wanted, catalog = template(), load("id")
    found = []
    for message in wanted:
        if not message.id:
            continue
        theirs = catalog.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
        texts = theirs.string if theirs is not None else ""
        texts = list(texts) if isinstance(texts, tuple | list) else [texts]
        ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
        if theirs is None or theirs.fuzzy or not all(texts):
            found.append(f"untranslated: {ids[0]!r} ({message.locations[0][0]})")
        elif _placeholders(texts[0]) - _placeholders(ids[-1]):
            found.append(f"unknown placeholder in the translation of {ids[0]!r}")
    known = {(message.id if isinstance(message.id, str) else message.id[0], message.context) for message in wanted}
    left = [m.id for m in catalog if m.id and (m.id if isinstance(m.id, str) else m.id[0], m.context) not in known]
    return found + [f"no longer used: {text!r}" for text in left]


def main() -> None:
    act = sys.argv[1] if len(sys.argv) > 1 else ""
    if act == "collect":
        collect()
    elif act == "compile":
        compile_all()
    else:
        found = problems()
        sys.exit(
            f"{len(found)} problems with the texts; run `make messages`:\n" + "\n".join(found[:40]) if found else 0
        )


if __name__ == "__main__":
    main()
