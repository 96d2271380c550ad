"""A photo's way: received with a preview, finished by the worker, found again when the worker was away."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.core import clock, tasks
from marketplace.core.db import db
from marketplace.core.errors import NotFound
from marketplace.core.storage import LocalStorage
from marketplace.media import lab, queries, services
from marketplace.media.models import Photo, PhotoShape, PhotoStatus
from marketplace.media.store import storage
from tests.factories.accounts import UserFactory

from . import corpus


def _photo(ident: int) -> Photo:
    db.session.expire_all()
    return db.session.get_one(Photo, ident)


@pytest.fixture
def owner(app: Flask) -> int:
    ident: int = UserFactory().id
    return ident


def test_a_received_photo_ends_with_all_its_renditions(owner: int, client: FlaskClient) -> None:
    photo = _photo(services.receive(corpus.told_everything(), user_id=owner))
    view = queries.view_of(photo)
    assert photo.status is PhotoStatus.READY
    assert {width for _kind, width, _url in view.sources} == {160, 320, 640, 800}
    for kind, _width, url in view.sources:
        answer = client.get(url)
        assert (answer.status_code, answer.mimetype) == (200, f"image/{kind}")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers


def test_a_preview_shows_while_the_worker_is_away(owner: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services.photos, "enqueue", lambda *_args: None)
    with clock.stopped() as hands:
        ident = services.receive(corpus.JPEG, user_id=owner)
        assert [(kind, width) for kind, width, _ in queries.view_of(_photo(ident)).sources] == [("webp", 320)]
        assert tasks.sweep()["photos"] == 0
        hands.forward(minutes=3)
        assert tasks.sweep()["photos"] == 1
    assert _photo(ident).status is PhotoStatus.READY
    assert tasks.sweep()["photos"] == 0


def test_a_refused_file_leaves_nothing(owner: int, app: Flask) -> None:
    media = Path(app.instance_path) / "media"
    for name in ("noise", "svg", "cut in the middle", "png of too many pixels", "tiny"):
        with pytest.raises(lab.PhotoRefused):
            services.receive(corpus.BAD[name](), user_id=owner)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Photo)) == 0
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_a_lost_original_is_given_up_after_three_tries(owner: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services.photos, "enqueue", lambda *_args: None)
    photo = _photo(services.receive(corpus.JPEG, user_id=owner))
    storage().delete(photo.original_key, private=True)
    for _ in range(3):
        services.render_photo(photo.id)
    assert _photo(photo.id).status is PhotoStatus.FAILED


def test_a_photo_sent_twice_is_there_once(owner: int) -> None:
    first = services.receive(corpus.JPEG, user_id=owner)
    assert services.receive(corpus.JPEG, user_id=owner) == first
    assert services.receive(corpus.JPEG, user_id=UserFactory().id) != first, "another's photo is theirs"
    assert services.receive(corpus.JPEG, user_id=owner, shape=PhotoShape.FREE) != first


def test_rendering_again_changes_nothing(owner: int) -> None:
    ident = services.receive(corpus.JPEG, user_id=owner)
    before = (_photo(ident).renditions, _photo(ident).status)
    services.render_photo(ident)
    services.render_photo(999_999)
    assert (_photo(ident).renditions, _photo(ident).status) == before


def test_a_photo_that_fails_stops_no_other(owner: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services.photos, "enqueue", lambda *_args: None)
    with clock.stopped() as hands:
        sick = services.receive(corpus.JPEG, user_id=owner)
        well = services.receive(corpus.GOOD["png"](), user_id=owner)
        lost = _photo(sick).original_key
        read = LocalStorage.read

        def failing(self: LocalStorage, key: str, *, private: bool = False) -> bytes | None:
            if key == lost:
                raise OSError("the disk is sick")
            return read(self, key, private=private)

        monkeypatch.setattr(LocalStorage, "read", failing)
        hands.forward(minutes=3)
        for _ in range(3):
            tasks.sweep()
    assert _photo(well).status is PhotoStatus.READY
    assert (_photo(sick).status, _photo(sick).tries) == (PhotoStatus.FAILED, 3)
    assert queries.view_of(_photo(sick)).is_ready, "its preview goes on showing"


def test_no_file_is_left_when_the_row_cannot_be_written(owner: int, app: Flask) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        services.receive(corpus.JPEG, user_id=owner, workshop_id=999_999)
    assert not [path for path in (Path(app.instance_path) / "media/private").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "path", ["../private/originals/x", "originals/x", "%2e%2e/private", "photos/ab/none.webp", "x.svg"]
)
def test_only_renditions_have_an_address(client: FlaskClient, path: str) -> None:
    assert client.get(f"/media/{path}").status_code == 404


def test_the_original_is_private(owner: int, client: FlaskClient) -> None:
    photo = _photo(services.receive(corpus.JPEG, user_id=owner))
    assert client.get(f"/media/{photo.original_key}").status_code == 404
    with pytest.raises(NotFound):
        queries.original(photo.id, 1)
