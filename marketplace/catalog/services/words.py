"""What the words of a title promise, and which words stop a piece for a look. Sources: domain.md 2.2 and 3.2."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

SILVER = ("perak", "silver", "sterling", "925")
PLATED = ("plated", "plate", "plating", "vermeil", "lapis", "berlapis", "dilapisi", "sepuh", "sepuhan", "disepuh")
BASE_METALS = {
    "brass": ("brass", "kuningan"),
    "copper": ("copper", "tembaga"),
    "nickel-silver": ("nickel silver", "nickel-silver", "alpaka", "alpacca"),
}
# Protected species, old ritual objects, claims of power (domain.md 2.2). 'jukung', 'gading' as a colour and the like
# are common enough; a person looks, nothing is refused by a word.
RISK = (
    *("coral", "koral", "marjan", "akar bahar", "ivory", "gading", "tortoiseshell", "penyu", "giant clam", "kima"),
    *("nautilus", "pratima", "antique", "antik", "kuno", "pusaka", "heirloom", "temple property", "milik pura"),
    *("blessed", "blessing", "pasupati", "charged", "diberkati", "protective", "protection", "bertuah", "keramat"),
    *("jimat", "amulet", "talisman", "magic", "sakti", "blade", "bilah"),
)


def plain(text: str) -> str:
    """Lower case, without accents, hyphens as spaces: how words are compared."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char for char in folded if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", " ", kept).strip()


def found(words: Iterable[str], text: str) -> list[str]:
    """Which of the words stand in the text as whole words."""
    haystack = f" {plain(text)} "
    return [word for word in words if f" {plain(word)} " in haystack]


def says_silver(title: str) -> bool:
    """Whether a title claims silver; the name of the alloy 'nickel silver' claims none by itself."""
    without = plain(title).replace("nickel silver", " ")
    return bool(found(SILVER, without))


def says_plated(title: str, material: str) -> bool:
    """Whether a title names both the coat and the base metal below it."""
    return bool(found(PLATED, title)) and bool(found(BASE_METALS.get(material, ()), title))


def slug_of(*titles: str) -> str:
    """The word in the address of a page: from the first title that gives one."""
    for title in titles:
        slug = plain(title).replace(" ", "-")[:80].strip("-")
        if slug:
            return slug
    return "piece"
