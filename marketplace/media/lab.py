"""Our side of the darkroom's door: hand a file in, get renditions or a refusal that a person understands."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l

from .darkroom import Developed, Refused, Rendition, sniff

log = logging.getLogger(__name__)
SCRIPT = Path(__file__).with_name("darkroom.py")
SECONDS = 45
PATIENCE = 30  # seconds that an upload waits for its turn
_turns = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))  # so many darkrooms at once: memory is bounded too


class PhotoRefused(DomainError):
    """The upload is no photo that we can show; nothing of it is kept."""

    message = _l("This file is not a photo that we can read. Take a JPEG, PNG, WebP, AVIF or HEIC photo.")


class PhotoTooLarge(PhotoRefused):
    message = _l("The photo is larger than 30 MB. Send a smaller one.")


class TooManyPixels(PhotoRefused):
    message = _l("The photo has more than 60 megapixels. Send a smaller one.")


class PhotoTooSmall(PhotoRefused):
    message = _l("The photo is too small to show a piece. Send a larger one.")


class PhotoDamaged(PhotoRefused):
    message = _l("The photo arrived damaged. Take it again, or send another one.")


class LabBusy(DomainError):
    """Too many photos at once; nothing is wrong with this one."""

    message = _l("Many photos are arriving right now. Wait a moment and send yours again.")


REFUSALS: dict[str, type[PhotoRefused]] = {
    "too_large": PhotoTooLarge,
    "too_many_pixels": TooManyPixels,
    "too_small": PhotoTooSmall,
    "not_a_photo": PhotoRefused,
    "damaged": PhotoDamaged,
}


def develop(data: bytes, shape: str, *, preview: bool = False) -> Developed:
    """Every rendition of a photo (about a second for 12 megapixels), or its preview only (a fifth of that).

    Raises:
        PhotoRefused: in the person's language; the file may have been hostile, the shop is as before.
        LabBusy: no turn came within 30 seconds.
    """
    try:
        sniff(data)
    except Refused as refused:
        raise REFUSALS[refused.code]() from None
    if not _turns.acquire(timeout=PATIENCE):
        raise LabBusy
    try:
        answer = _ask_darkroom(data, [shape, *(["preview"] if preview else [])])
    finally:
        _turns.release()
    head, _, body = answer.partition(b"\n")
    return _unpacked(json.loads(head), body)


def _ask_darkroom(data: bytes, wishes: list[str]) -> bytes:
    """Raises PhotoDamaged when the file ended the process, or kept it too long."""
    command = [sys.executable, "-I", "-B", str(SCRIPT), *wishes]
    environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, env=environment, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise PhotoDamaged from None
    if done.returncode != 0 or not done.stdout:
        log.warning("the darkroom ended with %s: %s", done.returncode, done.stderr[-300:])
        raise PhotoDamaged
    return done.stdout


def _unpacked(head: dict[str, Any], body: bytes) -> Developed:
    if "refused" in head:
        raise REFUSALS[head["refused"]]()
    renditions, at = [], 0
    for kind, width, height, length in head["files"]:
        renditions.append(Rendition(kind, width, height, body[at : at + length]))
        at += length
    red, green, blue = head["color"]
    return Developed(head["width"], head["height"], (red, green, blue), renditions)
