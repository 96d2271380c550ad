"""A photo in pieces from a phone with a weak signal: nothing lost, nothing doubled, wherever it breaks off."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from marketplace.catalog.models import VersionPhoto
from marketplace.catalog.services import arrivals
from marketplace.core import clock, tasks
from marketplace.core.db import db
from marketplace.media import lab
from marketplace.media.models import Photo, Upload
from marketplace.media.services import uploads
from tests.factories.catalog import ListingFactory
from tests.media import corpus
from tests.payments.dying import Killed
from tests.seller.conftest import Maker

KEY = "5f0c1d9e-8a2b-4c7d-9e6f-000000000001"
PIECE = 32 * 1024


def large_photo() -> bytes:
    """About 150 KB: noise does not pack."""
    buffer = io.BytesIO()
    Image.effect_noise((500, 600), 90).convert("RGB").save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


class Phone:
    """Sends a photo as the editor's script does."""

    def __init__(self, maker: Maker, listing_id: int, data: bytes, key: str = KEY) -> None:
        self.maker, self.listing_id, self.data, self.key = maker, listing_id, data, key
        self.token = maker.token()

    def begin(self, **other: Any) -> Any:
        fields = {"key": self.key, "listing_id": self.listing_id, "size": len(self.data), "name": "foto.jpg", **other}
        return self.maker.browser.post("/seller/uploads", data=fields, headers={"X-CSRF-Token": self.token})

    def put(self, offset: int, data: bytes | None = None) -> Any:
        return self.maker.browser.post(
            f"/seller/uploads/{self.key}/bytes?offset={offset}",
            data=self.data[offset : offset + PIECE] if data is None else data,
            content_type="application/octet-stream",
            headers={"X-CSRF-Token": self.token},
        )

    def where(self) -> int:
        return int(self.maker.get(f"/seller/uploads/{self.key}").json["offset"])

    def send_all(self) -> Any:
        offset = int(self.begin().json["offset"])
        while True:
            answer = self.put(offset)
            if answer.status_code != 200 or answer.json["done"]:
                return answer
            offset = answer.json["offset"]


@pytest.fixture
def draft(luh: Maker) -> int:
    return int(ListingFactory(workshop=luh.workshop, live=False, photos=0).id)


def shown() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(VersionPhoto.photo_id).order_by(VersionPhoto.position)))


def photo_count() -> int:
    db.session.rollback()
    return int(db.session.scalar(sa.select(sa.func.count(Photo.id))) or 0)


def pieces(app: Flask) -> list[Path]:
    folder = Path(app.instance_path) / "media" / "private" / "uploads"
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_photo_arrives_piece_by_piece_and_is_in_the_draft(luh: Maker, draft: int, app: Flask) -> None:
    phone = Phone(luh, draft, large_photo())
    assert phone.begin().status_code == 201
    answer = phone.send_all()
    assert answer.json["offset"] == len(phone.data)
    assert shown() == [answer.json["photo"]["id"]]
    assert f'data-photo-id="{shown()[0]}"' in answer.json["photo"]["html"]
    assert answer.json["photo"]["src"] in luh.get(f"/seller/listings/{draft}").text
    original = luh.get(f"/seller/photos/{shown()[0]}/original")
    assert original.data == phone.data
    assert pieces(app) == []


def test_the_line_may_break_after_every_piece(luh: Maker, draft: int) -> None:
    """Before each piece the phone has forgotten everything but its key; each answer may be lost too."""
    data = large_photo()
    assert len(data) > 3 * PIECE
    phone, rounds = Phone(luh, draft, data), 0
    while not (begun := Phone(luh, draft, data).begin()).json["done"]:
        offset = begun.json["offset"]
        assert offset == phone.where()
        phone.put(offset)  # the answer is lost, so the phone sends the same piece once more
        again = phone.put(offset)
        assert again.status_code in (200, 409)
        assert again.json["offset"] == min(offset + PIECE, len(data))
        rounds += 1
    assert rounds == -(-len(data) // PIECE)
    assert len(shown()) == photo_count() == 1


def test_the_same_photo_chosen_twice_is_there_once(luh: Maker, draft: int) -> None:
    data = large_photo()
    first, second = Phone(luh, draft, data), Phone(luh, draft, data, key=KEY[:-1] + "2")
    ids = [phone.send_all().json["photo"]["id"] for phone in (first, second)]
    assert ids[0] == ids[1]
    assert len(shown()) == photo_count() == 1


def test_a_photo_that_was_taken_away_does_not_come_back(luh: Maker, draft: int) -> None:
    phone = Phone(luh, draft, corpus.JPEG)
    photo_id = phone.send_all().json["photo"]["id"]
    luh.send(f"/seller/listings/{draft}/photos/{photo_id}/removal", {}, f"/seller/listings/{draft}")
    again = phone.begin()
    assert (again.json["done"], again.json["photo"]) == (True, None)
    assert shown() == []


@pytest.mark.parametrize("seam", ["receive", "add", "clear"])
@pytest.mark.parametrize("is_after", [False, True])
def test_a_crash_at_any_step_of_the_end_is_finished_by_asking_again(
    luh: Maker, draft: int, monkeypatch: pytest.MonkeyPatch, seam: str, is_after: bool
) -> None:
    place: Any = {"receive": uploads, "add": arrivals, "clear": uploads}[seam]
    real = getattr(place, seam)

    def dying(*args: Any, **values: Any) -> Any:
        if is_after:
            real(*args, **values)
        raise Killed(seam)

    phone = Phone(luh, draft, corpus.JPEG)
    phone.begin()
    with monkeypatch.context() as patches, pytest.raises(Killed):
        patches.setattr(place, seam, dying)
        phone.put(0)
    db.session.rollback()
    answer = phone.put(phone.where(), b"")
    assert answer.json["done"]
    assert shown() == [answer.json["photo"]["id"]]
    assert photo_count() == 1


def test_a_photo_whose_phone_never_asks_again_is_finished_by_the_sweep(
    luh: Maker, draft: int, monkeypatch: pytest.MonkeyPatch, stopped_clock: clock.Hands
) -> None:
    phone = Phone(luh, draft, corpus.JPEG)
    phone.begin()
    with monkeypatch.context() as patches, pytest.raises(Killed):
        patches.setattr(uploads, "receive", _die)
        phone.put(0)
    db.session.rollback()
    assert arrivals.settle_left() == 0  # a request may still be at work
    stopped_clock.forward(minutes=3)
    tasks.sweep()
    assert len(shown()) == 1


def _die(*_args: Any, **_values: Any) -> None:
    raise Killed("receive")


def test_a_file_that_is_no_photo_ends_the_upload_with_a_sentence(luh: Maker, draft: int, app: Flask) -> None:
    phone = Phone(luh, draft, corpus.SVG + b" " * 20_000)
    answer = phone.send_all()
    assert answer.status_code == 422
    assert answer.json["refused"] is True
    assert "bukan foto" in answer.json["sentence"]
    again = phone.begin()
    assert (again.status_code, again.json["refused"]) == (422, True)
    assert phone.put(0).status_code == 409
    assert (shown(), photo_count(), pieces(app)) == ([], 0, [])


def test_too_large_and_too_small_are_said_before_anything_is_kept(luh: Maker, draft: int, app: Flask) -> None:
    phone = Phone(luh, draft, b"x" * 100_000)
    assert phone.begin(size=30 * 1024 * 1024 + 1).status_code == 413
    assert phone.begin(size=0).status_code == 413
    phone.begin()
    too_large = phone.put(0, b"x" * (512 * 1024 + 1))
    assert (too_large.status_code, "sentence" in too_large.json) == (413, True)
    for piece in (b"x" * 100_001, b"x", b""):
        assert phone.put(0, piece).status_code == 413
    assert (phone.where(), pieces(app)) == (0, [])


def test_twenty_photos_may_be_on_their_way(luh: Maker, draft: int) -> None:
    for number in range(20):
        assert Phone(luh, draft, b"x" * 100, key=f"photo-number-{number}").begin().status_code == 201
    refused = Phone(luh, draft, b"x" * 100, key="photo-number-20").begin()
    assert (refused.status_code, "refused" in refused.json) == (422, False)
    assert Phone(luh, draft, b"x" * 100, key="photo-number-3").begin().status_code == 201


def test_the_eleventh_photo_is_refused(luh: Maker) -> None:
    listing = ListingFactory(workshop=luh.workshop, live=False, photos=9)
    last, late = (Phone(luh, listing.id, corpus.JPEG, key=f"photo-number-{number}") for number in (1, 2))
    late.data = large_photo()
    assert late.begin().status_code == 201  # there was room when it began
    assert last.send_all().json["done"]
    assert late.send_all().json["refused"] is True
    assert Phone(luh, listing.id, corpus.JPEG, key="photo-number-3").begin().status_code == 422


def test_what_is_another_workshops_is_not_there(luh: Maker, wayan: Maker, draft: int) -> None:
    theirs = Phone(luh, draft, corpus.JPEG)
    theirs.begin()
    assert Phone(wayan, draft, corpus.JPEG).begin().status_code == 404
    stranger = Phone(wayan, draft, corpus.JPEG)
    assert wayan.get(f"/seller/uploads/{KEY}").status_code == 404
    assert stranger.put(0).status_code == 404
    own = ListingFactory(workshop=wayan.workshop, live=False, photos=0)
    assert Phone(wayan, own.id, corpus.JPEG).send_all().json["done"]  # the same key is each workshop's own
    assert theirs.where() == 0


def test_a_key_stands_for_one_photo_of_one_piece(luh: Maker, draft: int) -> None:
    other = ListingFactory(workshop=luh.workshop, live=False, photos=0)
    Phone(luh, draft, corpus.JPEG).begin()
    assert Phone(luh, other.id, corpus.JPEG).begin().status_code == 422
    assert Phone(luh, draft, corpus.JPEG + b"\0").begin().status_code == 422
    for key in ("short", "with space in it", "a" * 41, "../../../etc/passwd", ""):
        assert Phone(luh, draft, corpus.JPEG, key=key).begin().status_code == 404


def test_an_old_page_is_told_the_new_token(luh: Maker, draft: int) -> None:
    phone = Phone(luh, draft, corpus.JPEG)
    phone.token = "made-up"
    refused = phone.begin()
    assert refused.status_code == 403
    phone.token = refused.json["token"]
    assert phone.send_all().json["done"]


def test_of_two_pieces_at_one_place_one_is_taken(luh: Maker, draft: int, app: Flask) -> None:
    data = large_photo()
    uploads.begin(luh.workshop.id, luh.user.id, KEY, len(data), f"listing:{draft}")
    workshop_id, results = luh.workshop.id, list[int]()
    start = threading.Barrier(2)

    def send(length: int) -> None:
        with app.app_context():
            start.wait()
            try:
                results.append(uploads.put(workshop_id, KEY, 0, data[:length]).offset)
            except uploads.WrongPlace as error:
                results.append(-error.offset)
            db.session.remove()

    threads = [threading.Thread(target=send, args=(length,)) for length in (PIECE, 2 * PIECE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = max(results)
    assert sorted(results) == [-won, won]
    assert len(pieces(app)) == 1
    db.session.rollback()
    assert uploads.find(workshop_id, KEY).offset == won
    assert Phone(luh, draft, data).send_all().json["done"]


def test_pieces_that_the_storage_lost_are_sent_again(luh: Maker, draft: int, app: Flask) -> None:
    phone = Phone(luh, draft, large_photo())
    phone.begin()
    phone.put(0)
    for piece in pieces(app):
        piece.unlink()
    answer = phone.send_all()
    assert (answer.status_code, answer.json["offset"]) == (409, 0)
    assert phone.send_all().json["done"]


def test_an_upload_is_forgotten_after_three_idle_days_and_its_photo_is_not(
    luh: Maker, draft: int, app: Flask, stopped_clock: clock.Hands
) -> None:
    whole = Phone(luh, draft, corpus.JPEG)
    whole.send_all()
    half = Phone(luh, draft, large_photo(), key="left-in-the-middle")
    half.begin()
    half.put(0)
    stopped_clock.forward(days=2)
    tasks.sweep()
    assert len(pieces(app)) == 1
    stopped_clock.forward(days=1, minutes=1)
    tasks.sweep()
    db.session.rollback()
    assert db.session.scalars(sa.select(Upload.key)).all() == []
    assert (pieces(app), len(shown())) == ([], 1)


def test_a_busy_shop_asks_the_phone_to_wait(luh: Maker, draft: int, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = Phone(luh, draft, corpus.JPEG)
    phone.begin()
    with monkeypatch.context() as patches:
        patches.setattr(lab, "PATIENCE", 0)
        taken = [lab._turns.acquire(blocking=False) for _ in range(99)]
        answer = phone.put(0)
        lab._turns.release(sum(taken))
    assert answer.status_code == 503
    assert phone.put(len(corpus.JPEG), b"").json["done"]
