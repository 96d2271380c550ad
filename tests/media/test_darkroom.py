"""Whatever is sent: a photo comes out upright, plain and small, or a sentence says why not (security.md 8)."""

from __future__ import annotations

import contextlib
import io
import random
import resource
import subprocess
import sys
import threading
import warnings
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from config import Config
from marketplace import create_app
from marketplace.core.i18n import speaking
from marketplace.core.storage import BadKey, LocalStorage, make_storage
from marketplace.media import darkroom, lab
from marketplace.media.darkroom import Developed

from . import corpus

SECRETS = (
    b"SecretCamera",
    b"secret comment",
    b"XMPSECRET",
    b"COMMENTSECRET",
    b"IPTCSECRET",
    b"<?php",
    b"<script",
    b"PK\x03\x04",
)


def _near(pixel: object, color: tuple[int, int, int], within: int = 40) -> bool:
    return all(abs(a - b) <= within for a, b in zip(pixel, color, strict=True))  # type: ignore[call-overload]


def _corners(data: bytes) -> list[object]:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    right, bottom = image.width - image.width // 8, image.height - image.height // 8
    left, top = image.width // 8, image.height // 8
    return [image.getpixel(at) for at in ((left, top), (right, top), (left, bottom), (right, bottom))]


def _check_plain(developed: Developed) -> None:
    for file in developed.renditions:
        image = Image.open(io.BytesIO(file.data))
        assert image.format == file.format.upper()
        assert (image.width, image.mode) == (file.width, "RGB")
        assert not image.getexif()
        assert not {"icc_profile", "exif", "xmp", "comment", "photoshop"} & image.info.keys()
        assert getattr(image, "n_frames", 1) == 1
        assert not any(secret in file.data for secret in SECRETS)


@pytest.mark.parametrize("name", corpus.GOOD)
def test_a_photo_becomes_plain_renditions(name: str) -> None:
    developed = lab.develop(corpus.GOOD[name](), "piece")
    assert {file.format for file in developed.renditions} == {"webp", "avif", "jpeg"}
    assert min(file.width for file in developed.renditions) == 160
    assert all(abs(file.height / file.width - 1.25) < 0.02 for file in developed.renditions)
    _check_plain(developed)


@pytest.mark.parametrize("name", corpus.BAD)
def test_everything_else_is_refused_in_the_persons_language(shop: Flask, name: str) -> None:
    with pytest.raises(lab.PhotoRefused) as refused:
        lab.develop(corpus.BAD[name](), "piece", preview=True)
    with shop.test_request_context("/"):
        english = refused.value.sentence
        with speaking("id"):
            assert refused.value.sentence != english
    assert english.endswith(".")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_upright_however_the_phone_was_held(orientation: int) -> None:
    for file in lab.develop(corpus.turned(orientation), "piece").renditions:
        colors = (corpus.RED, corpus.GREEN, corpus.BLUE, corpus.YELLOW)
        assert all(_near(pixel, color) for pixel, color in zip(_corners(file.data), colors, strict=True)), file.format


@pytest.mark.parametrize(
    ("kind", "shape"),
    [("JPEG", "wide"), ("JPEG", "free"), ("JPEG", "piece"), ("PNG", "piece"), ("WEBP", "free"), ("AVIF", "wide")],
)
def test_every_format_and_shape_stands_upright(kind: str, shape: str) -> None:
    """A landscape stored on its side; for the preview libjpeg scales it while decoding."""
    data = corpus.turned(6, kind, (2100, 1700))
    whole, preview = darkroom.develop(data, shape), darkroom.develop(data, shape, preview=True)
    sizes = {"wide": (2000, 1000), "free": (1600, 1295), "piece": (1360, 1700)}
    assert (whole.width, whole.height) == sizes[shape]
    colors = (corpus.RED, corpus.GREEN, corpus.BLUE, corpus.YELLOW)
    for file in (whole.renditions[0], preview.renditions[0]):
        assert all(_near(pixel, color) for pixel, color in zip(_corners(file.data), colors, strict=True))


def test_iphones_heic_stands_upright() -> None:
    image = corpus.picture().transpose(corpus.UNDO[6])
    import pillow_heif

    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer, quality=85, exif=corpus.exif(6))
    made = lab.develop(buffer.getvalue(), "piece")
    assert (made.width, made.height) == (800, 1000)
    assert _near(_corners(made.renditions[0].data)[0], corpus.RED)
    _check_plain(made)


def test_colors_are_shown_as_the_cameras_profile_means_them() -> None:
    pure = Image.new("RGB", (400, 500), (250, 20, 20))
    for image, kind in ((pure, "JPEG"), (pure.convert("RGBA"), "PNG"), (pure, "WEBP"), (pure, "AVIF")):
        made = lab.develop(corpus.saved(image, kind, icc_profile=corpus.swapping_profile()), "piece")
        assert _near(_corners(made.renditions[0].data)[0], (20, 250, 20)), kind
        _check_plain(made)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_photo_cut_off_on_its_way_is_damaged_wherever_it_was_cut(kind: str) -> None:
    whole = corpus.saved(corpus.picture(), kind)
    for share in (0.1, 0.3, 0.5, 0.7, 0.95):
        with pytest.raises(lab.PhotoRefused):
            lab.develop(whole[: int(len(whole) * share)], "piece", preview=True)


def test_noise_in_the_file_gives_a_photo_or_a_sentence_and_nothing_else() -> None:
    chance = random.Random(1915)
    for make in corpus.GOOD.values():
        data = bytearray(make())
        for _ in range(6):
            for _ in range(chance.choice((1, 4, 20))):
                data[chance.randrange(min(len(data), chance.choice((64, 600, 10**9))))] = chance.randrange(256)
            with contextlib.suppress(darkroom.Refused), warnings.catch_warnings(action="ignore"):
                assert darkroom.develop(bytes(data), "piece", preview=True).width <= 320


def test_an_upload_waits_its_turn_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many darkrooms at once as processors: what many uploads together may cost is bounded."""
    turns = threading.BoundedSemaphore(1)
    monkeypatch.setattr(lab, "_turns", turns)
    monkeypatch.setattr(lab, "PATIENCE", 0.05)
    with turns, pytest.raises(lab.LabBusy):
        lab.develop(corpus.JPEG, "piece", preview=True)
    for data in (corpus.JPEG, corpus.JPEG[:400], corpus.JPEG):  # a refusal gives its turn back
        with contextlib.suppress(lab.PhotoRefused):
            lab.develop(data, "piece", preview=True)


def test_colors_survive_print_modes() -> None:
    red = _corners(lab.develop(corpus.GOOD["cmyk"](), "piece").renditions[0].data)[0]
    assert _near(red, corpus.RED, 60)
    gray = _corners(lab.develop(corpus.sixteen_bit_gray(), "piece").renditions[0].data)
    assert _near(gray[0], (31, 31, 31), 25)
    assert _near(gray[2], (222, 222, 222), 25)
    assert _near(_corners(lab.develop(corpus.sixteen_bit_color(), "piece").renditions[0].data)[0], corpus.RED, 20)


def test_a_transparent_color_shows_the_paper() -> None:
    made = lab.develop(corpus.GOOD["one color is transparent"](), "piece")
    assert _near(_corners(made.renditions[0].data)[0], darkroom.PAPER, 4)


def test_transparent_places_show_the_paper() -> None:
    image = Image.new("RGBA", (400, 500), (0, 0, 0, 0))
    developed = lab.develop(corpus.saved(image, "PNG"), "piece")
    assert _near(_corners(developed.renditions[0].data)[0], darkroom.PAPER, 4)


def test_the_first_of_several_frames_is_shown() -> None:
    for kind in ("multi-picture", "animated webp", "animated png"):
        assert _near(_corners(lab.develop(corpus.GOOD[kind](), "piece").renditions[0].data)[0], corpus.RED)


def test_a_phones_twelve_megapixels_pass_with_every_size() -> None:
    developed = lab.develop(corpus.saved(corpus.picture(3000, 4000), "JPEG", quality=85), "piece")
    sizes = {(file.format, file.width) for file in developed.renditions}
    assert sizes == {
        *(("webp", width) for width in (160, 320, 640, 960, 1600)),
        *(("avif", width) for width in (640, 960)),
        ("jpeg", 960),
    }


def test_a_small_photo_is_never_blown_up() -> None:
    developed = lab.develop(corpus.saved(corpus.picture(500, 500), "JPEG"), "piece")
    assert max(file.width for file in developed.renditions) == 400
    assert (developed.width, developed.height) == (400, 500)


def test_thirty_megabytes_are_the_limit() -> None:
    with pytest.raises(lab.PhotoTooLarge):
        lab.develop(corpus.JPEG + b"\0" * darkroom.MAX_BYTES, "piece")


def test_the_largest_that_passes_stays_within_its_memory(tmp_path: Path) -> None:
    """59 megapixels of 16 bits in four channels, two megabytes sent: decoded inside the bound."""
    row = zlib.compressobj(1)
    body = b"".join([*(row.compress(b"\0" * (7_700 * 8 + 1)) for _ in range(7_700)), row.flush()])
    inflating = corpus.png_claiming(7_700, 7_700, 16, 6).replace(
        corpus.chunk(b"IDAT", zlib.compress(b"")), corpus.chunk(b"IDAT", body)
    )
    assert len(inflating) < 3_000_000
    sent = tmp_path / "sent.png"
    sent.write_bytes(inflating)
    with sent.open("rb") as file:
        process = subprocess.Popen(
            [sys.executable, "-I", str(lab.SCRIPT), "piece", "preview"], stdin=file, stdout=subprocess.PIPE
        )
        answer = process.communicate()[0]
    assert b'"width": 320' in answer
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1_310_720  # kilobytes


def test_a_file_that_kills_the_darkroom_harms_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deadly = tmp_path / "deadly.py"
    deadly.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    with monkeypatch.context() as during:
        during.setattr(lab, "SCRIPT", deadly)
        with pytest.raises(lab.PhotoDamaged):
            lab.develop(corpus.JPEG, "piece")
    assert lab.develop(corpus.JPEG, "piece", preview=True).width == 320


def test_proofs_keep_their_shape_and_heroes_are_wide() -> None:
    document = lab.develop(corpus.saved(corpus.picture(1200, 700), "JPEG"), "free")
    assert (document.width, document.height) == (1200, 700)
    assert {file.format for file in document.renditions} == {"webp"}
    hero = lab.develop(corpus.saved(corpus.picture(2400, 1600), "JPEG"), "wide")
    assert (hero.width, hero.height) == (2000, 1000)
    _check_plain(hero)


def test_the_same_photo_has_the_same_address() -> None:
    first, second = (lab.develop(corpus.JPEG, "piece").renditions for _ in range(2))
    assert darkroom.keys_of(first) == darkroom.keys_of(second)


@pytest.mark.parametrize(
    "key", ["../x.webp", "/etc/passwd", "a/../b", "a//b", "A.webp", "a\0b", "", ".hidden", "a" * 300]
)
def test_a_key_never_leaves_its_folder(tmp_path: Path, key: str) -> None:
    with pytest.raises(BadKey):
        LocalStorage(tmp_path).read(key)


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    store = LocalStorage(tmp_path)
    store.put("photos/ab/abc-160.webp", b"data")
    store.put("photos/ab/abc-160.webp", b"data")
    assert store.read("photos/ab/abc-160.webp") == b"data"
    assert [path.name for path in (tmp_path / "public/photos/ab").iterdir()] == ["abc-160.webp"]
    assert not store.exists("photos/ab/abc-160.webp", private=True)


@pytest.mark.parametrize(
    "url", ["ftp://somewhere", "s3://bucket", "file://host/folder", "file://", "file:///", "media"]
)
def test_an_address_that_no_storage_understands_stops_the_boot(shop_config: Config, url: str) -> None:
    with pytest.raises(ValueError, match="MEDIA_URL"):
        make_storage(url)
    with pytest.raises(ValueError, match="MEDIA_URL"):
        create_app(replace(shop_config, media_url=url))
