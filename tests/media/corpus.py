"""Files that phones, scanners and enemies send, made here: nothing binary stands in the repository."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

from PIL import Image, ImageCms, ImageDraw
from PIL.PngImagePlugin import PngInfo

RED, GREEN, BLUE, YELLOW = (200, 30, 30), (30, 160, 60), (30, 60, 200), (220, 200, 40)


def picture(width: int = 800, height: int = 1000, mode: str = "RGB") -> Image.Image:
    """Four colored quarters: red, green above blue, yellow; tells which way is up."""
    image = Image.new("RGB", (width, height), RED)
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 2, 0, width, height // 2), fill=GREEN)
    draw.rectangle((0, height // 2, width // 2, height), fill=BLUE)
    draw.rectangle((width // 2, height // 2, width, height), fill=YELLOW)
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation: int = 1) -> bytes:
    """Camera, comment, date and the place in Celuk where it was taken."""
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F], data[0x0110] = "SecretCamera", "Model X"
    data[0x9286] = b"ASCII\0\0\0secret comment"
    gps = data.get_ifd(0x8825)
    gps[1], gps[2] = "S", (8.0, 35.0, 51.0)
    gps[3], gps[4] = "E", (115.0, 16.0, 24.0)
    return data.tobytes()


UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@cache
def turned(orientation: int, kind: str = "JPEG", size: tuple[int, int] = (800, 1000)) -> bytes:
    """A photo stored so that showing it by its EXIF orientation gives `picture()`."""
    image = picture(*size)
    stored = image.transpose(UNDO[orientation]) if orientation in UNDO else image
    return saved(stored, kind, quality=92, exif=exif(orientation))


def told_everything() -> bytes:
    """A JPEG with every kind of metadata at once."""
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><secret>XMPSECRET</secret></x:xmpmeta>'
    data = saved(
        picture(), "JPEG", quality=90, exif=exif(), comment=b"COMMENTSECRET", xmp=xmp, icc_profile=plain_profile()
    )
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x0eIPTCSECRETCITY"
    return data[:2] + b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc + data[2:]


def plain_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapping_profile() -> bytes:
    """A color profile of a strange camera: what it calls red is green, and the other way round."""

    def fixed(*numbers: float) -> bytes:
        return b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)

    gamma = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    tags = {
        b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1.0, 0.8249),
        b"rXYZ": b"XYZ \0\0\0\0" + fixed(0.3851, 0.7169, 0.0971),
        b"gXYZ": b"XYZ \0\0\0\0" + fixed(0.4361, 0.2225, 0.0139),
        b"bXYZ": b"XYZ \0\0\0\0" + fixed(0.1431, 0.0606, 0.7141),
        b"rTRC": gamma,
        b"gTRC": gamma,
        b"bTRC": gamma,
    }
    table, body, at = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, data in tags.items():
        table += struct.pack(">4sII", name, at + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s12s4s", at + len(body), b"", 0x02100000, b"mntr", b"RGB ", b"XYZ ", b"", b"acsp")
    head += b"\0" * 28 + fixed(0.9642, 1.0, 0.8249)
    return head.ljust(128, b"\0") + table + body


def jpeg_claiming(width: int, height: int) -> bytes:
    data = bytearray(JPEG)
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def webp_claiming(width: int, height: int) -> bytes:
    """A lossless WebP whose header claims up to 16,384 pixels a side."""
    body = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + b"\0" * 20
    body = b"WEBPVP8L" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(body)) + body


def boxes_claiming(data: bytes, width: int, height: int) -> bytes:
    """An AVIF or HEIC whose picture is said to be of that size ('ispe')."""
    return re.sub(rb"(ispe\0\0\0\0).{8}", lambda found: found[1] + struct.pack(">II", width, height), data, flags=re.S)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_claiming(width: int, height: int, depth: int = 8, color: int = 2, body: bytes = b"") -> bytes:
    """A PNG whose header claims a size; its body is whatever is given, compressed."""
    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def sixteen_bit_gray() -> bytes:
    image = Image.new("I;16", (400, 500))
    image.putdata([row * 130 for row in range(500) for _ in range(400)])
    return saved(image, "PNG")


def png_with(extra: bytes, data: bytes) -> bytes:
    at = data.index(b"IDAT") - 4
    return data[:at] + extra + data[at:]


def sixteen_bit_color() -> bytes:
    row = b"\0" + struct.pack(">HHH", 51_400, 7_710, 7_710) * 400
    return png_claiming(400, 500, 16, 2, row * 500)


def multi_picture() -> bytes:
    """What two-lens phones write: a JPEG with a second one behind it."""
    return saved(picture(), "MPO", save_all=True, append_images=[Image.new("RGB", (800, 1000), (0, 0, 0))])


def heic(orientation: int = 1) -> bytes:
    import pillow_heif

    buffer = io.BytesIO()
    pillow_heif.from_pillow(picture()).save(buffer, quality=85, exif=exif(orientation))
    return buffer.getvalue()


def animated(kind: str) -> bytes:
    frames = [picture(), Image.new("RGB", (800, 1000), (0, 0, 0))]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


JPEG = saved(picture(), "JPEG", quality=90)
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

GOOD: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: JPEG,
    "progressive": lambda: saved(picture(), "JPEG", progressive=True),
    "png": lambda: saved(picture(), "PNG"),
    "webp": lambda: saved(picture(), "WEBP"),
    "avif": lambda: saved(picture(), "AVIF", quality=70),
    "heic": heic,
    "cmyk": lambda: saved(picture(mode="CMYK"), "JPEG", quality=92),
    "gray": lambda: saved(picture(mode="L"), "JPEG"),
    "gray png with alpha": lambda: saved(picture(mode="LA"), "PNG"),
    "one bit": lambda: saved(picture(mode="1"), "PNG"),
    "sixteen bit gray": sixteen_bit_gray,
    "sixteen bit color": sixteen_bit_color,
    "palette": lambda: saved(picture().quantize(16), "PNG"),
    "palette, transparent": lambda: saved(picture().quantize(16), "PNG", transparency=0),
    "alpha": lambda: saved(picture(mode="RGBA"), "PNG"),
    "multi-picture": multi_picture,
    "animated webp": lambda: animated("WEBP"),
    "animated png": lambda: animated("PNG"),
    "everything told": told_everything,
    "with a web page behind it": lambda: JPEG + b"<html><script>alert(1)</script></html>",
    "with an archive behind it": lambda: JPEG + b"PK\x03\x04" + b"\0" * 200,
    "with PHP in its text": lambda: saved(picture(), "PNG", pnginfo=_php()),
    "one color is transparent": lambda: saved(picture(), "PNG", transparency=RED),
    "sixteen bit gray, transparent": lambda: png_with(chunk(b"tRNS", b"\xfd\xe8"), sixteen_bit_gray()),
    "broken EXIF": lambda: saved(picture(), "JPEG", exif=b"Exif\0\0XX*\0\xff\xff\xff\xff"),
    "odd orientation": lambda: saved(picture(), "JPEG", exif=exif(99)),
    "profile of other colors": lambda: saved(picture(mode="L"), "JPEG", icc_profile=plain_profile()),
    "broken color profile": lambda: saved(picture(), "JPEG", icc_profile=b"no profile at all"),
}

BAD: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "noise": lambda: bytes(range(256)) * 40,
    "svg": lambda: SVG,
    "pdf": lambda: b"%PDF-1.7\n" + b"0" * 500,
    "gif": lambda: saved(picture(), "GIF"),
    "bmp": lambda: saved(picture(), "BMP"),
    "tiff": lambda: saved(picture(), "TIFF"),
    "a web page that begins like a photo": lambda: b"\xff\xd8\xff<html><script>alert(1)</script>",
    "an mp4": lambda: b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 500,
    "cut in the head": lambda: JPEG[:40],
    "cut in the middle": lambda: JPEG[: len(JPEG) // 2],
    "cut near the end": lambda: JPEG[: len(JPEG) * 9 // 10],
    "png cut": lambda: saved(picture(), "PNG")[:800],
    "png of too many pixels": lambda: png_claiming(50_000, 50_000, 1, 0, b"\0" * 1000),
    "png of absurd size": lambda: png_claiming(2**31 - 1, 2**31 - 1),
    "png that inflates": lambda: png_claiming(7_700, 7_700, 8, 2, b"\0" * 1000),
    "jpeg of too many pixels": lambda: jpeg_claiming(65_535, 65_535),
    "webp of too many pixels": lambda: webp_claiming(16_383, 16_383),
    "avif of too many pixels": lambda: boxes_claiming(saved(picture(), "AVIF"), 30_000, 30_000),
    "heic of too many pixels": lambda: boxes_claiming(heic(), 30_000, 30_000),
    "png with a profile that inflates": lambda: png_with(_inflating(b"iCCP"), saved(picture(), "PNG")),
    "png with a text that inflates": lambda: png_with(_inflating(b"zTXt"), saved(picture(), "PNG")),
    "png of no size": lambda: png_claiming(0, 0),
    "tiny": lambda: saved(picture(20, 25), "JPEG"),
    "avif that is none": lambda: b"\0\0\0\x20ftypavif\0\0\0\0avifmif1" + b"\0" * 300,
    "heic that is none": lambda: b"\0\0\0\x20ftypheic\0\0\0\0heicmif1" + b"\0" * 300,
    "webp that is none": lambda: b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 16,
}


def _php() -> PngInfo:
    info = PngInfo()
    info.add_text("Comment", "<?php system($_GET['c']); ?>")
    return info


def _inflating(kind: bytes) -> bytes:
    """50 MB of nothing in 50 kB."""
    return chunk(kind, b"x\0\0" + zlib.compress(b"\0" * 50_000_000))
