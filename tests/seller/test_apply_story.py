"""A silversmith applies: kept at every step, sent, answered, opened."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.core.db import db
from marketplace.workshops import services
from marketplace.workshops.models import Application, ApplicationPhoto, Workshop
from tests.factories.accounts import AdminFactory, UserFactory
from tests.helpers import sign_in
from tests.seller.conftest import fields_of, photo

PAGE = "/seller/apply/"
STORY = "Bengkel kami di Tangsub sejak 2007, dua orang di satu meja, membuat jawan dan ukiran."
TYPED = {
    "workshop_name": "Alit Rupa",
    "banjar": "Tangsub",
    "since_year": "2007",
    "specialities": ["granulation", "chasing"],
    "artisan_count": "2",
    "contact_name": "Ni Komang Trisna",
    "form_of_address": "Ibu",
    "phone": "0812 3400 0031",
    "story": STORY,
    "story_language": "id",
}


@pytest.fixture
def komang(app: Flask, new_client: Callable[[], FlaskClient]) -> FlaskClient:
    browser = new_client()
    sign_in(browser, UserFactory(language="id", full_name="Ni Komang Trisna", email="komang@example.com"))
    return browser


def send(browser: FlaskClient, path: str, **changes: Any) -> Any:
    opened = fields_of(browser.get(PAGE).text)
    return browser.post(path, data={**opened, **changes})


def application() -> Application:
    db.session.rollback()
    return db.session.scalars(sa.select(Application).execution_options(populate_existing=True)).one()


def test_she_applies_is_asked_for_more_answers_and_opens(komang: FlaskClient) -> None:
    assert fields_of(komang.get(PAGE).text)["contact_name"] == "Ni Komang Trisna"
    assert send(komang, PAGE, **TYPED, piece=[photo(), photo((1, 2, 3))]).status_code == 303
    kept = fields_of(komang.get(PAGE).text)
    assert kept["story"] == STORY
    assert kept["specialities"] == ["granulation", "chasing"]
    assert komang.get(PAGE).text.count('class="shot"') == 2

    missing = send(komang, PAGE + "submission")
    assert missing.status_code == 422
    assert 'href="#agreed"' in missing.text
    assert 'id="agreed-e"' in missing.text
    assert application().status.value == "draft"

    assert send(komang, PAGE + "submission", agreed="y").status_code == 303
    assert application().status.value == "applied"
    assert application().phone == "+6281234000031"
    waiting = komang.get(PAGE).text
    assert "Alit Rupa" in waiting
    assert 'name="workshop_name"' not in waiting, "what is being looked at cannot be changed"

    admin = AdminFactory()
    services.send_back(application().id, admin.id, "bench_photo", "Bu Komang, tinggal foto meja kerja.")
    asked = komang.get(PAGE).text
    assert "Bu Komang, tinggal foto meja kerja." in asked
    assert fields_of(asked)["workshop_name"] == "Alit Rupa"
    assert send(komang, PAGE + "submission", bench=[photo((5, 5, 5))]).status_code == 303
    kinds = db.session.scalars(sa.select(ApplicationPhoto.kind).order_by(ApplicationPhoto.id)).all()
    assert kinds == ["piece", "piece", "bench"]

    services.approve_application(application().id, admin.id)
    assert "/seller/" in komang.get(PAGE).text
    first_page = komang.get("/seller/")
    assert first_page.status_code == 200
    assert "Alit Rupa" in first_page.text
    assert db.session.scalars(sa.select(Workshop.name)).all() == ["Alit Rupa"]


def test_an_empty_application_can_be_saved_and_a_wrong_one_keeps_all_that_was_typed(komang: FlaskClient) -> None:
    assert send(komang, PAGE).status_code == 303
    wrong = {**TYPED, "phone": "nanti", "since_year": "tahun lalu"}
    answer = send(komang, PAGE, **wrong, piece=[(io.BytesIO(b"GIF89a"), "foto.gif")])
    assert answer.status_code == 422
    kept = fields_of(answer.text)
    for name in ("workshop_name", "phone", "since_year", "story", "contact_name", "specialities"):
        assert kept[name] == wrong[name], name
    for target in ("#phone", "#since_year", "#photos"):
        assert f'href="{target}"' in answer.text
    assert "foto.gif:" in answer.text


def test_a_photo_can_be_taken_out_again_but_only_ones_own(
    komang: FlaskClient, new_client: Callable[[], FlaskClient]
) -> None:
    send(komang, PAGE, **TYPED, piece=[photo()])
    photo_id = db.session.scalar(sa.select(ApplicationPhoto.photo_id))
    stranger = new_client()
    sign_in(stranger, UserFactory())
    stranger.post(f"{PAGE}photos/{photo_id}/removal", data=fields_of(stranger.get(PAGE).text))
    assert db.session.scalar(sa.select(sa.func.count(ApplicationPhoto.id))) == 1
    assert send(komang, f"{PAGE}photos/{photo_id}/removal", workshop_name="Nama lain").status_code == 303
    assert db.session.scalar(sa.select(sa.func.count(ApplicationPhoto.id))) == 0
    assert fields_of(komang.get(PAGE).text)["workshop_name"] == "Nama lain"


def test_a_rejected_one_reads_why_and_may_appeal(komang: FlaskClient) -> None:
    send(komang, PAGE + "submission", **TYPED, agreed="y", piece=[photo()])
    services.reject(application().id, AdminFactory().id, "not_own_work", "Foto ketiga dari toko lain.")
    shown = komang.get(PAGE).text
    assert "Foto ketiga dari toko lain." in shown
    assert send(komang, PAGE + "submission").status_code == 303
    assert application().status.value == "applied"


def test_applying_needs_a_sign_in_and_a_maker_is_sent_home(new_client: Callable[[], FlaskClient], luh: Any) -> None:
    answer = new_client().get(PAGE)
    assert answer.status_code == 303
    assert "/sign-in" in answer.location
    assert luh.get(PAGE).location.endswith("/seller/")
