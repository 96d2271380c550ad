"""One bounded GET of an address from the settings: https, no redirect, no private address, resolved once, in time.

The name is resolved here, every address that it has must be a public one, and the connection goes to the address that
was looked at: a name that answers otherwise a moment later (DNS rebinding) leads nowhere else. Outside production a
stand-in on this machine may be named.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from urllib.parse import urlsplit

import certifi
import urllib3

CONNECT_SECONDS, READ_SECONDS, ALL_SECONDS = 5.0, 8.0, 20.0
LARGEST = 64 * 1024
LOOPBACK = ("127.0.0.1", "localhost", "::1")
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class FeedTrouble(Exception):
    """`code` says what is wrong (admin/metal_words.py has the sentences), `detail` is for the reader of the log."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code, self.detail = code, detail[:200]
        super().__init__(code, detail)


def fetch(address: str, *, may_be_here: bool) -> bytes:
    """The body, at most LARGEST bytes. `may_be_here` allows a stand-in on this machine.

    Raises:
        FeedTrouble: there is none that may be read.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    is_here = may_be_here and host in LOOPBACK
    if parts.scheme != "https" and not (is_here and parts.scheme == "http"):
        raise FeedTrouble("address", parts.scheme)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    ip = _resolve(host, port, may_be_private=is_here)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Host": parts.netloc.rpartition("@")[2], "Accept": "application/json", "User-Agent": "perak-celuk"}
    until = time.monotonic() + ALL_SECONDS
    try:
        with _pool(parts.scheme, host, ip, port) as pool:
            answer = pool.request("GET", path, headers=headers, redirect=False, retries=False, preload_content=False)
            try:
                return _body(answer, until)
            finally:
                answer.close()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise FeedTrouble("unreachable", type(error).__name__) from error


def _resolve(host: str, port: int, *, may_be_private: bool) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise FeedTrouble("unreachable", type(error).__name__) from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses:
        raise FeedTrouble("unreachable", "no address")
    if not may_be_private and not all(is_public(address) for address in addresses):
        raise FeedTrouble("private", ", ".join(addresses))
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether anybody on the internet could be there; addresses that hide another one in them are not believed."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and (ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip in NAT64):
        return False
    return ip.is_global and not ip.is_multicast


def _pool(scheme: str, host: str, ip: str, port: int) -> urllib3.HTTPConnectionPool:
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    if scheme == "http":
        return urllib3.HTTPConnectionPool(ip, port, timeout=timeout)
    return urllib3.HTTPSConnectionPool(
        ip,
        port,
        timeout=timeout,
        server_hostname=host,
        assert_hostname=host,
        cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
    )


def _body(answer: urllib3.BaseHTTPResponse, until: float) -> bytes:
    if answer.status in (301, 302, 303, 307, 308):
        raise FeedTrouble("redirect", str(answer.status))
    if answer.status != 200:
        raise FeedTrouble("status", str(answer.status))
    body = b""
    for part in answer.stream(4096, decode_content=False):
        body += part
        if len(body) > LARGEST:
            raise FeedTrouble("too_large")
        if time.monotonic() > until:
            raise FeedTrouble("unreachable", "too slow")
    return body
