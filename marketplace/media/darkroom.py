"""Decodes photos and makes their renditions, in a process of its own that may die without harm.

Run as a script (`python darkroom.py`) it reads one request from standard input and writes one answer; it imports
nothing of the shop, so that it starts in a tenth of a second and a hostile file finds nothing beside itself. The
bounds: 30 MB, 60 megapixels (judged from the header), one frame, one gigabyte of memory, 30 s of CPU.
Facts measured: performance.md 3 (draft decoding, each width from the one above, WebP method 2, AVIF speed 10).
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import AvifImagePlugin, Image, ImageCms, ImageFile

MAX_BYTES = 30 * 1024 * 1024
MAX_PIXELS = 60_000_000
MIN_SIDE = 100  # smaller ones show no piece
PAPER = (248, 245, 239)  # behind transparent photos: the page's own ground

# The photo sizes. To change them, change these lines; existing photos keep what they have until they are made again.
WIDTHS = {"piece": (1600, 960, 640, 320, 160), "wide": (2000, 1600, 960, 640), "free": (1600, 640)}
AVIF_WIDTHS = {"piece": (960, 640), "wide": (1600, 960, 640), "free": ()}
JPEG_WIDTH = 960  # for mails, feeds and social cards
PREVIEW_WIDTH = 320  # made while the person waits; the rest follows in the worker
RATIOS = {"piece": (4, 5), "wide": (2, 1), "free": None}
THREADS = 2  # each thread of a codec costs address space, which is bounded
ALPHA = ("RGBA", "LA", "PA")
# EXIF's orientation (tag 274): how the picture must be turned to stand upright; from 5 on it lies on its side.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Refused(Exception):
    """The file is no photo that we take; `code` is too_large, too_many_pixels, too_small, not_a_photo or damaged."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass
class Rendition:
    format: str
    width: int
    height: int
    data: bytes


@dataclass
class Developed:
    """What came of a photo: the size of its largest rendition, its mean color, and the files."""

    width: int
    height: int
    color: tuple[int, int, int]
    renditions: list[Rendition] = field(default_factory=list)


def sniff(data: bytes) -> str:
    """The format by its first bytes, whatever the name or the sender says.

    Raises:
        Refused: too_large or not_a_photo.
    """
    if len(data) > MAX_BYTES:
        raise Refused("too_large")
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        brands = {data[8:12], *(data[at : at + 4] for at in range(16, min(len(data), 64), 4))}
        if brands & {b"avif", b"avis"}:
            return "AVIF"
        if brands & {b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis"}:
            return "HEIF"
    raise Refused("not_a_photo")


def open_photo(data: bytes) -> Image.Image:
    """The photo with its size known and nothing decoded yet.

    Raises:
        Refused: it is none, is damaged, or would not fit into the bounds.
    """
    kind = sniff(data)
    _prepare(kind)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=(kind,))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise Refused("too_many_pixels") from error
    except Exception as error:
        raise Refused("damaged") from error
    if image.width * image.height > MAX_PIXELS:
        raise Refused("too_many_pixels")
    if min(image.size) < MIN_SIDE:
        raise Refused("too_small")
    return image


def _prepare(kind: str) -> None:
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False, decode_threads=THREADS)
    if kind == "AVIF":
        AvifImagePlugin.DEFAULT_MAX_THREADS = THREADS


def develop(data: bytes, shape: str, *, preview: bool = False) -> Developed:
    """Decode and make every rendition of a shape (or its preview only): upright, sRGB, without any metadata.

    Raises:
        Refused: see `open_photo`.
    """
    image = open_photo(data)
    try:
        image = _upright(image, shape, PREVIEW_WIDTH if preview else WIDTHS[shape][0])
    except MemoryError as error:
        raise Refused("too_many_pixels") from error
    except Exception as error:
        raise Refused("damaged") from error
    color = image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    files = [_encoded(image, "webp", quality=72, method=2)] if preview else list(_renditions(image, shape))
    return Developed(image.width, image.height, color, files)  # type: ignore[arg-type]


def _upright(image: Image.Image, shape: str, largest: int) -> Image.Image:
    """The first frame, cropped to the shape, at most `largest` wide, in sRGB, turned as it was held.

    It is turned last, when it is small: a second copy of the whole would cost as much memory as the first.
    """
    orientation = _orientation(image)
    on_its_side = orientation >= 5
    ratio = RATIOS[shape]
    if ratio and on_its_side:
        ratio = ratio[::-1]
    if image.format in ("JPEG", "MPO"):  # libjpeg scales while decoding, to a size that is not smaller
        width, height = _size(_box(image.size, ratio))
        aim = _aim((width, height), ratio, on_its_side, largest)
        image.draft(image.mode, (math.ceil(image.width * aim[0] / width), math.ceil(image.height * aim[1] / height)))
    image.load()
    profile = image.info.get("icc_profile")
    image = _eight_bit(image).crop(_box(image.size, ratio))
    aim = _aim(image.size, ratio, on_its_side, largest)
    if aim != image.size:
        image = image.resize(aim, Image.Resampling.LANCZOS, reducing_gap=2.0)
    image = _flat(image, profile)
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def _orientation(image: Image.Image) -> int:
    """As EXIF says, 1 to 8; 1 when it says nothing that can be read: a photo is not refused for that."""
    try:
        return min(max(int(image.getexif().get(0x0112, 1)), 1), 8)
    except (MemoryError, OSError, EOFError):
        raise  # the picture itself: getexif decodes a PNG
    except Exception:
        return 1


def _box(size: tuple[int, int], ratio: tuple[int, int] | None) -> tuple[int, int, int, int]:
    """The largest middle part of that ratio."""
    if ratio is None:
        return (0, 0, *size)
    width = max(1, min(size[0], size[1] * ratio[0] // ratio[1]))
    height = max(1, min(size[1], size[0] * ratio[1] // ratio[0]))
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return (left, top, left + width, top + height)


def _size(box: tuple[int, int, int, int]) -> tuple[int, int]:
    return (box[2] - box[0], box[3] - box[1])


def _aim(size: tuple[int, int], ratio: tuple[int, int] | None, on_its_side: bool, largest: int) -> tuple[int, int]:
    """The size that makes a cropped photo `largest` wide when upright (its long side, if it is not cropped); never
    larger than it is."""
    side = max(size) if ratio is None else size[1] if on_its_side else size[0]
    if side <= largest:
        return size
    width, height = ratio or size
    whole = max(width, height) if ratio is None else height if on_its_side else width
    return (max(1, round(width * largest / whole)), max(1, round(height * largest / whole)))


def _eight_bit(image: Image.Image) -> Image.Image:
    """Modes that cannot be scaled well become ones that can; a color that means 'nothing here' becomes alpha."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in ("P", "PA") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("L") if image.mode in ("1", "F") else image


def _scaled(image: Image.Image, width: int) -> Image.Image:
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colors as the camera's own profile means them; a profile that is broken or of other colors is left out."""
    if not profile or len(profile) > 4 * 1024 * 1024:
        return image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        made = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        made = None
    return made or image.convert("RGB")


def _flat(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB and nothing else: transparent places show the paper, and what the file told besides is gone."""
    alpha = image.getchannel("A") if image.mode in ALPHA else None
    if alpha is not None:
        image = image.convert("L" if image.mode == "LA" else "RGB")
    ground = Image.new("RGB", image.size, PAPER)
    ground.paste(_srgb(image, profile), mask=alpha)
    return ground


def _widths(largest: int, wanted: tuple[int, ...]) -> list[int]:
    """The wanted widths that the photo has; its own in place of those that it lacks. Never wider than it is."""
    if not wanted:
        return []
    return sorted({min(width, largest) for width in wanted}, reverse=True)


def _renditions(image: Image.Image, shape: str) -> Iterator[Rendition]:
    avif = set(_widths(image.width, AVIF_WIDTHS[shape]))
    jpeg = min(JPEG_WIDTH, image.width)
    widths = sorted({*_widths(image.width, WIDTHS[shape]), *avif, jpeg}, reverse=True)
    for width in widths:
        image = image if width == image.width else _scaled(image, width)
        yield _encoded(image, "webp", quality=72, method=2)
        if width in avif:
            yield _encoded(image, "avif", quality=58, speed=10, max_threads=THREADS)
        if width == jpeg and shape != "free":
            yield _encoded(image, "jpeg", quality=80, progressive=True, optimize=True)


def _encoded(image: Image.Image, kind: str, **options: Any) -> Rendition:
    buffer = io.BytesIO()
    image.save(buffer, kind.upper(), **options)
    return Rendition(kind, image.width, image.height, buffer.getvalue())


def keys_of(renditions: Sequence[Rendition]) -> list[str]:
    """Named by content: the same files always have the same addresses. All of a photo share one name, since a list
    of 24 pieces spells five addresses for each: they pack well then, and change together."""
    whole = hashlib.sha256()
    for rendition in renditions:
        whole.update(hashlib.sha256(rendition.data).digest())
    name = whole.hexdigest()[:24]
    return [f"photos/{name[:2]}/{name}-{rendition.width}.{rendition.format}" for rendition in renditions]


def _bound() -> None:
    """What a hostile file can cost this process, and nothing beside it."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (1280 * 1024 * 1024,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it answers through a pipe and writes no file


def main() -> None:
    _bound()
    shape, preview = sys.argv[1], "preview" in sys.argv[2:]
    try:
        done = develop(sys.stdin.buffer.read(MAX_BYTES + 1), shape, preview=preview)
    except Refused as refused:
        sys.stdout.buffer.write(json.dumps({"refused": refused.code}).encode() + b"\n")
        return
    except MemoryError:
        sys.stdout.buffer.write(b'{"refused": "too_many_pixels"}\n')
        return
    head = {
        "width": done.width,
        "height": done.height,
        "color": list(done.color),
        "files": [[r.format, r.width, r.height, len(r.data)] for r in done.renditions],
    }
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    for rendition in done.renditions:
        sys.stdout.buffer.write(rendition.data)


if __name__ == "__main__":
    main()
