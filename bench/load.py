"""A load of a few kept-open connections over plain sockets, in a process of its own: python -m bench.load …"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time


def request_bytes(host: str, path: str, etag: str) -> bytes:
    more = f"If-None-Match: {etag}\r\n" if etag else ""
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: br, gzip\r\n{more}\r\n".encode()


def _complete(buffer: bytes) -> tuple[int, int] | None:
    """(status, length) of the answer at the buffer's start, or None while it is still arriving."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = buffer[:end].lower()
    status = int(head[9:12])
    if status == 304:
        return status, end + 4
    at = head.find(b"content-length:")
    length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    return (status, end + 4 + length) if len(buffer) >= end + 4 + length else None


def run(host: str, port: int, path: str, seconds: float, connections: int, etag: str = "") -> dict[str, float]:
    message = request_bytes(f"{host}:{port}", path, etag)
    chooser = selectors.DefaultSelector()
    buffers: dict[socket.socket, bytes] = {}
    sent: dict[socket.socket, float] = {}
    took: list[float] = []
    statuses: dict[int, int] = {}
    for _ in range(connections):
        connection = socket.create_connection((host, port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chooser.register(connection, selectors.EVENT_READ)
        buffers[connection], sent[connection] = b"", time.perf_counter()
        connection.sendall(message)
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        for key, _mask in chooser.select(timeout=1):
            connection = key.fileobj  # type: ignore[assignment]
            data = connection.recv(262144)
            if not data:
                raise SystemExit("the server closed a connection")
            buffers[connection] += data
            answer = _complete(buffers[connection])
            if answer is None:
                continue
            took.append(time.perf_counter() - sent[connection])
            statuses[answer[0]] = statuses.get(answer[0], 0) + 1
            buffers[connection], sent[connection] = b"", time.perf_counter()
            connection.sendall(message)
    took.sort()
    at = lambda share: took[min(int(len(took) * share), len(took) - 1)] * 1000  # noqa: E731
    return {
        "rps": len(took) / seconds,
        "p50": at(0.5),
        "p95": at(0.95),
        "p99": at(0.99),
        "wrong": float(sum(count for status, count in statuses.items() if status not in (200, 304))),
        "not_modified": float(statuses.get(304, 0)),
    }


if __name__ == "__main__":
    host, port, path, seconds, connections, etag = sys.argv[1:7]
    print(json.dumps(run(host, int(port), path, float(seconds), int(connections), etag)))
