"""One thumb on a phone: what a story does with it is counted, so that it can say how long a person would take.

A tap takes 1.2 seconds and a keystroke 0.3 (a maker who writes with one thumb, looking for the field in between); waits
are those that the page really needed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TAP, KEY = 1.2, 0.3  # seconds


@dataclass
class Thumb:
    page: Any
    taps: int = 0
    keys: int = 0
    waited: float = 0.0
    requests: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("requestfinished", lambda request: self.requests.append(request))

    def tap(self, target: str | Any) -> None:
        self.taps += 1
        (self.page.locator(target).first if isinstance(target, str) else target).tap()

    def write(self, target: str, text: str) -> None:
        self.taps += 1
        self.keys += len(text)
        self.page.fill(target, text)

    def choose(self, target: str, **what: Any) -> None:
        """A list of the phone's own: opened, and one line of it."""
        self.taps += 2
        self.page.select_option(target, **what)

    def gallery(self, target: Any, files: list[Path]) -> None:
        """Opened, each photo ticked, and done."""
        self.taps += 2 + len(files)
        target.set_input_files(files)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """What the person looks at and cannot go on from."""
        began = time.monotonic()
        yield
        self.waited += time.monotonic() - began

    @property
    def seconds(self) -> float:
        return self.taps * TAP + self.keys * KEY + self.waited

    def bytes_sent(self) -> int:
        """Bodies and headers of every request that arrived. (The browser's own count leaves files and blobs out.)"""
        return sum(
            int(request.all_headers().get("content-length", 0)) + request.sizes()["requestHeadersSize"]
            for request in self.requests
        )

    def told(self, what: str) -> str:
        sent = self.bytes_sent()
        return (
            f"{what}: {self.taps} taps, {self.keys} keystrokes, {sent / 1000:,.0f} KB sent, "
            f"{self.waited:.1f} s of waiting; a person's {self.seconds:.0f} s"
        )
