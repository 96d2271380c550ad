"""Whatever is sent: a photo comes out upright, plain and small, or a sentence says why not (security.md 8)."""

from __future__ import annotations

import io
import resource
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

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


def test_colors_survive_print_modes() -> None:
    red = _corners(lab.develop(corpus.GOOD["cmyk"](), "piece").renditions[0].data)[0]
    assert _near(red, corpus.RED, 60)
    gray = _corners(lab.develop(corpus.sixteen_bit_gray(), "piece").renditions[0].data)
    assert _near(gray[0], (31, 31, 31), 25)
    assert _near(gray[2], (222, 222, 222), 25)
    assert _near(_corners(lab.develop(corpus.sixteen_bit_color(), "piece").renditions[0].data)[0], corpus.RED, 20)


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


def test_the_largest_that_passes_stays_within_its_memory() -> None:
    """59 megapixels of 16 bits in four channels, a few kilobytes sent: decoded inside the bound."""
    inflating = corpus.png_claiming(7_700, 7_700, 16, 6, b"\0" * (7_700 * 8 + 1) * 7_700)
    assert len(inflating) < 1_000_000
    assert lab.develop(inflating, "piece", preview=True).width == 320
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
    assert [darkroom.key_of(file) for file in first] == [darkroom.key_of(file) for file in second]


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
    with pytest.raises(ValueError, match="MEDIA_URL"):
        make_storage("ftp://somewhere")
