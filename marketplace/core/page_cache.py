"""Public pages kept whole and compressed, in front of the application (performance.md 1).

Only what is the same for everybody is kept: an answer to a request without a cookie that says `public`, sets no cookie
and varies by encoding alone. A page lives for its own s-maxage; a change of what pages show makes all of this process'
pages old at once (`forget`), those of other processes within that time. The store is bounded in bytes.
"""

from __future__ import annotations

import gzip
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

import brotli
from flask import Flask, current_app

from .db import after_commit

Start = Callable[..., Any]
Headers = list[tuple[str, str]]

# What public pages read from the address. Marks of campaigns change nothing; with any other word nothing is kept.
DECLARED = frozenset(("after", "sort", "q", "to", "kind"))
CAMPAIGNS = re.compile(r"utm_\w+|fbclid|gclid|msclkid|igshid|ref")
LONGEST_QUERY = 300
LARGEST_SHARE = 20  # one page takes at most this part of the store
OWN_EACH_TIME = ("X-Request-ID", "Content-Length", "ETag", "Content-Encoding")
ENCODINGS = ("br", "gzip")
_MAX_AGE = re.compile(r"\bpublic\b.*\bs-maxage=(\d+)")


@dataclass(slots=True)
class _Page:
    headers: Headers
    etag: str
    until: float
    body: bytes
    forms: dict[str, bytes] = field(default_factory=dict)

    def form(self, encoding: str) -> bytes:
        """The body in this encoding, made when it is first wanted."""
        if not encoding:
            return self.body
        made = self.forms.get(encoding)
        if made is None:
            made = self.forms[encoding] = (
                brotli.compress(self.body, quality=5) if encoding == "br" else gzip.compress(self.body, 6, mtime=0)
            )
        return made

    @property
    def size(self) -> int:
        """With room for its compressed forms."""
        return len(self.body) * 3 // 2 + 2000


class PageCache:
    """WSGI middleware. `most_bytes` bounds what is kept."""

    def __init__(self, app: Any, most_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._app, self._most, self._clock = app, most_bytes, clock
        self._pages: OrderedDict[tuple[str, ...], _Page] = OrderedDict()
        self._lock = threading.Lock()
        self._bytes = 0
        self.generation = 0  # what was rendered before a change is not kept after it

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        key = _key(environ)
        if key is None:
            return self._app(environ, start)  # type: ignore[no-any-return]
        page = self._find(key)
        if page is not None:
            return _answer(page, environ, start)
        if "HTTP_COOKIE" in environ or environ["REQUEST_METHOD"] != "GET" or "HTTP_IF_NONE_MATCH" in environ:
            return self._app(environ, start)  # type: ignore[no-any-return]
        return self._keep(key, environ, start)

    def forget(self) -> None:
        """Something that pages show has changed."""
        with self._lock:
            self.generation += 1
            self._pages.clear()
            self._bytes = 0

    def _find(self, key: tuple[str, ...]) -> _Page | None:
        with self._lock:
            page = self._pages.get(key)
            if page is None:
                return None
            if page.until <= self._clock():
                self._drop(key)
                return None
            self._pages.move_to_end(key)
            return page

    def _drop(self, key: tuple[str, ...]) -> None:
        page = self._pages.pop(key, None)
        if page is not None:
            self._bytes -= page.size

    def _keep(self, key: tuple[str, ...], environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Let the application answer, and keep the answer if it is one for everybody."""
        generation, told = self.generation, list[tuple[str, Headers]]()

        def listen(status: str, headers: Headers, error: Any = None) -> Any:
            told[:] = [(status, headers)]
            return start(status, headers, error) if error else start(status, headers)

        chunks = self._app(environ, listen)
        seconds = _seconds(*told[0]) if told else 0
        if not seconds:
            return chunks  # type: ignore[no-any-return]
        body = b"".join(_closing(chunks))
        self._store(key, told[0][1], body, seconds, generation)
        return [body]

    def _store(self, key: tuple[str, ...], headers: Headers, body: bytes, seconds: int, generation: int) -> None:
        etag = next((value for name, value in headers if name == "ETag"), "").strip('"')
        shared = [(name, value) for name, value in headers if name not in OWN_EACH_TIME]
        page = _Page(shared, etag, self._clock() + seconds, body)
        if not etag or page.size > self._most // LARGEST_SHARE:
            return
        with self._lock:
            if generation != self.generation:
                return
            self._drop(key)
            self._pages[key] = page
            self._bytes += page.size
            while self._bytes > self._most:
                self._drop(next(iter(self._pages)))


def _closing(chunks: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from chunks
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()


def _key(environ: dict[str, Any]) -> tuple[str, ...] | None:
    """What a page depends on; None where nothing may be kept."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    query = environ.get("QUERY_STRING", "")
    if query:
        if len(query) > LONGEST_QUERY or not query.isascii():
            return None
        pairs = [pair for pair in parse_qsl(query, keep_blank_values=True) if not CAMPAIGNS.fullmatch(pair[0])]
        if any(name not in DECLARED for name, _value in pairs):
            return None
        query = urlencode(pairs)
    return environ["wsgi.url_scheme"], environ.get("HTTP_HOST", ""), environ.get("PATH_INFO", ""), query


def _seconds(status: str, headers: Headers) -> int:
    """How long this answer may be kept for everybody; 0: not at all."""
    found = {name.lower(): value for name, value in headers}
    if (
        not status.startswith("200")
        or "set-cookie" in found
        or not found.get("content-type", "").startswith("text/html")
    ):
        return 0
    if found.get("vary", "").lower() != "accept-encoding":
        return 0
    match = _MAX_AGE.search(found.get("cache-control", ""))
    return int(match[1]) if match else 0


def _answer(page: _Page, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    encoding = next((name for name in ENCODINGS if name in accepted and f"{name};q=0" not in accepted), "")
    etag = f"{page.etag}-{encoding}" if encoding else page.etag
    headers = [*page.headers, ("ETag", f'"{etag}"'), ("X-Request-ID", secrets.token_urlsafe(9))]
    if page.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
        start("304 NOT MODIFIED", [pair for pair in headers if pair[0] != "Content-Type"])
        return []
    body = page.form(encoding)
    headers.append(("Content-Length", str(len(body))))
    if encoding:
        headers.append(("Content-Encoding", encoding))
    start("200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def forget() -> None:
    """Once the running transaction is committed, this process' kept pages are old."""
    cache: PageCache | None = current_app.extensions.get("page_cache")
    if cache is not None:
        after_commit(cache.forget)


def init_app(app: Flask, megabytes: int) -> None:
    """In front of everything else that answers; 0 keeps nothing."""
    if megabytes:
        cache = app.extensions["page_cache"] = PageCache(app.wsgi_app, megabytes * 1024 * 1024)
        app.wsgi_app = cache  # type: ignore[assignment, method-assign]
