"""Address forms follow the country (features.md C9, design.md Paying)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from marketplace.accounts import postal
from marketplace.accounts.postal import PostalAddress

UBUD = PostalAddress(
    name="Ibu Wayan Chen",
    phone="0812 3456 7890",
    country="ID",
    street="Jalan Bisma 12, Banjar Ubud Kelod",
    district="Ubud",
    city="Gianyar",
    state="Bali",
    postcode="80571",
)
MELBOURNE = PostalAddress("Maya Chen", "+61 400 000 000", "AU", "18 Lygon Street", "", "Melbourne", "VIC", "3053")


def names(country: str) -> list[str]:
    return [field.name for field in postal.fields_of(country, "en")]


def sentences(address: PostalAddress) -> dict[str, str]:
    return dict(postal.problems(address, "en"))


def test_indonesia_asks_for_the_phone_before_the_street_and_for_the_district(app: Flask) -> None:
    fields = {field.name: field for field in postal.fields_of("ID", "en")}
    assert list(fields) == ["country", "name", "phone", "street", "district", "city", "state", "postcode"]
    assert all(field.required for field in fields.values())
    provinces = [text for _value, text in fields["state"].choices]
    assert len(provinces) == 38
    assert {"Bali", "Jawa Barat", "DKI Jakarta", "Papua Pegunungan"} <= set(provinces)
    assert "West Java" not in provinces


def test_each_country_has_its_own_fields(app: Flask) -> None:
    assert names("AU") == ["country", "name", "street", "city", "postcode", "state", "phone"]
    assert names("NL") == ["country", "name", "street", "city", "postcode", "phone"]
    assert "postcode" not in names("HK")
    labels = {code: {f.name: f.label for f in postal.fields_of(code, "en")} for code in ("US", "JP", "AU", "GB")}
    assert labels["US"]["postcode"] == "ZIP code"
    assert labels["JP"]["state"] == "Prefecture"
    assert labels["AU"]["city"] == "Town or suburb"
    assert labels["GB"]["city"] == "Town"
    japan = dict(next(f for f in postal.fields_of("JP", "en") if f.name == "state").choices)
    assert japan["北海道"] == "Hokkaido"
    australia = dict(next(f for f in postal.fields_of("AU", "en") if f.name == "state").choices)
    assert australia["VIC"] == "Victoria"


def test_every_country_has_a_form_in_both_languages(app: Flask) -> None:
    assert len(postal.countries("en")) > 200
    for code, _name in postal.countries("en"):
        for language in ("en", "id"):
            fields = postal.fields_of(code, language)
            assert {"country", "name", "street", "phone"} <= {field.name for field in fields}
            assert all(field.label for field in fields)
    assert dict(postal.countries("id"))["NL"] == "Belanda"
    assert [code for code, _ in postal.countries("en", only={"AU", "ID"})] == ["AU", "ID"]


def test_a_good_address_has_no_problems(app: Flask) -> None:
    assert postal.problems(UBUD, "en") == []
    assert postal.problems(MELBOURNE, "id") == []


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"phone": ""}, "phone", "0812"),
        ({"phone": "call me"}, "phone", "0812"),
        ({"phone": "0812"}, "phone", "0812"),
        ({"district": ""}, "district", "kecamatan"),
        ({"city": ""}, "city", "town or city"),
        ({"state": "Java"}, "state", "from the list"),
        ({"state": ""}, "state", "from the list"),
        ({"postcode": "8057"}, "postcode", "40115"),
        ({"postcode": "ABCDE"}, "postcode", "40115"),
        ({"postcode": "80571\n"}, "postcode", "40115"),
        ({"street": ""}, "street", "street"),
        ({"name": ""}, "name", "full name"),
        ({"country": "XX"}, "country", "from the list"),
        ({"country": ""}, "country", "from the list"),
    ],
)
def test_what_no_courier_could_deliver_to(app: Flask, changes: dict[str, str], field: str, words: str) -> None:
    found = sentences(replace(UBUD, **changes))
    assert list(found) == [field]
    assert words in found[field]


def test_the_phone_is_needed_in_indonesia_only(app: Flask) -> None:
    assert sentences(replace(MELBOURNE, phone="")) == {}


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("0812 3456 7890", "ID", "+6281234567890"),
        ("+62 812-3456-7890", "ID", "+6281234567890"),
        ("62 812 3456 7890", "ID", "+6281234567890"),
        ("+62 (0)812 3456 7890", "ID", "+6281234567890"),
        ("(0361) 298 765", "ID", "+62361298765"),
        ("0061 400 000 000", "AU", "+61400000000"),
        ("0400 000 000", "AU", "0400000000"),
    ],
)
def test_phones_as_people_write_them(typed: str, country: str, kept: str) -> None:
    assert postal.phone(typed, country) == kept


def test_phones_are_shown_in_groups() -> None:
    assert postal.readable_phone("+6281234567890") == "+62 812 3456 7890"
    assert postal.readable_phone("+61400000000") == "+61 400 000 000"
    assert postal.readable_phone("+31201234567") == "+31201234567"
    assert postal.readable_phone("0400 000 000") == "0400 000 000"


def test_what_is_kept_is_tidy(app: Flask) -> None:
    dutch = PostalAddress("Jan", "", "NL", "Prinsengracht 1", "leftover", "Amsterdam", "leftover", " 1015  dv ")
    kept = postal.tidy(dutch)
    assert (kept.postcode, kept.district, kept.state) == ("1015 DV", "", "")
    assert postal.tidy(UBUD).phone == "+6281234567890"


def test_lines_as_on_a_parcel(app: Flask) -> None:
    assert postal.lines(UBUD, "id") == [
        "Ibu Wayan Chen",
        "Jalan Bisma 12, Banjar Ubud Kelod",
        "Ubud",
        "Gianyar, Bali 80571",
        "Indonesia",
        "0812 3456 7890",
    ]
    assert postal.lines(MELBOURNE, "en")[1:5] == [
        "18 Lygon Street",
        "Melbourne VIC 3053",
        "Australia",
        "+61 400 000 000",
    ]
    us = PostalAddress("A B", "", "US", "1 Main St", "", "Santa Fe", "NM", "87501")
    assert postal.lines(us, "id") == ["A B", "1 Main St", "Santa Fe, NM 87501", "Amerika Serikat"]
    uk = PostalAddress("A B", "", "GB", "1 High St", "", "London", "", "EC1Y 8SY")
    assert postal.lines(uk, "en") == ["A B", "1 High St", "London", "EC1Y 8SY", "United Kingdom"]
    japan = PostalAddress("A B", "", "JP", "1-2-3 Kita", "", "", "北海道", "060-0001")
    assert "Hokkaido" in " ".join(postal.lines(japan, "en"))
