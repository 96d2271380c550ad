"""Where files are kept: a folder today (file://…), an object store later, behind the same few verbs.

A key is a path of plain words ('photos/3f/3fa9….webp'). What is put as private is never served by its address.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(?:/[a-z0-9][a-z0-9_-]*)*(?:\.[a-z0-9]{1,8})?")


class BadKey(ValueError):
    """The key is no plain path: it came from outside, or from a mistake."""


class Storage(Protocol):
    def put(self, key: str, data: bytes, *, private: bool = False) -> None: ...
    def read(self, key: str, *, private: bool = False) -> bytes | None: ...
    def exists(self, key: str, *, private: bool = False) -> bool: ...
    def delete(self, key: str, *, private: bool = False) -> None: ...
    def delete_under(self, key: str, *, private: bool = False) -> None: ...


class LocalStorage:
    """A folder with two subfolders. A file is there whole or not at all: written beside, then renamed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, key: str, private: bool) -> Path:
        if len(key) > 200 or not _KEY.fullmatch(key):
            raise BadKey(key)
        return self.folder / ("private" if private else "public") / key

    def put(self, key: str, data: bytes, *, private: bool = False) -> None:
        path = self._path(key, private)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{secrets.token_hex(8)}")
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
            _make_durable(path.parent)
        finally:
            draft.unlink(missing_ok=True)

    def read(self, key: str, *, private: bool = False) -> bytes | None:
        path = self._path(key, private)
        return path.read_bytes() if path.is_file() else None

    def exists(self, key: str, *, private: bool = False) -> bool:
        return self._path(key, private).is_file()

    def delete(self, key: str, *, private: bool = False) -> None:
        self._path(key, private).unlink(missing_ok=True)

    def delete_under(self, key: str, *, private: bool = False) -> None:
        """Everything whose key begins with this one and a stroke."""
        shutil.rmtree(self._path(key, private), ignore_errors=True)


def _make_durable(folder: Path) -> None:
    """A rename survives a power cut once its folder is written too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_storage(url: str) -> Storage:
    """Raises ValueError for an address that no storage of ours understands."""
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path.strip("/"):
        return LocalStorage(Path(unquote(parts.path)))
    raise ValueError(f"MEDIA_URL is '{url}': only file:///a/folder is known.")
