"""The same files over the wire, through the artisan's own form: a sentence for each, and never an error 500."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core.db import db
from marketplace.media.models import Photo, PhotoStatus
from tests.seller.conftest import Maker, make_maker

from . import corpus

NEW = "/seller/listings/new"
NAMES = ("../../etc/passwd", "..\\..\\boot.ini", "a" * 400 + ".jpg", "photo.php", "x.svg", "<b>.jpg", "C:foto.jpg")


@pytest.fixture
def luh(app: Flask, new_client: Any) -> Maker:
    return make_maker(new_client)


def _files(app: Flask) -> set[str]:
    media = Path(app.instance_path) / "media"
    return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}


def _photos() -> list[Photo]:
    return list(db.session.scalars(sa.select(Photo)))


def test_every_bad_file_is_named_and_keeps_what_was_typed(luh: Maker, app: Flask) -> None:
    files = [(io.BytesIO(make()), f"foto-{number}.jpg") for number, make in enumerate(corpus.BAD.values())]
    answer = luh.send(NEW, {"title_id": "Cincin yang diketik", "photos": files}, NEW)
    assert answer.status_code == 422
    assert "Cincin yang diketik" in answer.text
    for number in range(len(files)):
        assert f"foto-{number}.jpg: " in answer.text
    assert "bukan foto yang bisa kami baca" in answer.text
    assert _photos() == []
    assert _files(app) == set()


def test_a_files_own_name_decides_nothing(luh: Maker, app: Flask) -> None:
    files = [
        (io.BytesIO(corpus.saved(corpus.picture(200 + number, 250), "PNG")), name) for number, name in enumerate(NAMES)
    ]
    assert luh.send(NEW, {"photos": files}, NEW).status_code == 303
    photos = _photos()
    assert [photo.status for photo in photos] == [PhotoStatus.READY] * len(NAMES)
    assert {photo.workshop_id for photo in photos} == {luh.workshop.id}
    kept = {f"private/{photo.original_key}" for photo in photos}
    kept |= {f"public/{key}" for photo in photos for _kind, _width, key in photo.renditions}
    previews = {path for path in _files(app) if path.endswith(("-320.webp", "-200.webp"))}
    assert _files(app) == kept | previews
    assert not any(word in path for path in _files(app) for word in ("passwd", "boot", "php", "svg", "foto"))


def test_a_bad_name_in_a_refusal_is_only_text(luh: Maker) -> None:
    bad = (io.BytesIO(corpus.SVG), "<script>alert(1)</script>.svg")
    answer = luh.send(NEW, {"photos": [bad]}, NEW)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text


def test_thirty_megabytes_and_one_are_refused_beside_a_good_photo(luh: Maker) -> None:
    large = (io.BytesIO(corpus.JPEG + b"\0" * (30 * 1024 * 1024 + 1 - len(corpus.JPEG))), "besar.jpg")
    answer = luh.send(NEW, {"photos": [large, (io.BytesIO(corpus.JPEG), "baik.jpg")]}, NEW)
    assert answer.status_code == 422
    assert "lebih dari 30 MB" in answer.text
    assert len(_photos()) == 1
