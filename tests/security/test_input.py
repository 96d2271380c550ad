"""No input is an error of ours, nor slow, nor shows the inside: every address, every field (security.md 34, 35)."""

from __future__ import annotations

import random
import re
from typing import Any
from urllib.parse import quote

from werkzeug.routing import Rule

from config import ROOT

from .conftest import look, unlimited
from .hostile import WORDS, some_words
from .world import World

# What these do ends the part of the story that the others need: their turn is the last.
# Nothing stands behind these addresses here: a file of the darkroom, a mail, a link of another kind.
MISSING = {
    "account_second.qr_code",
    "account_security.new_email",
    "accounts.confirm",
    "admin_talk.photo",
    "dev_mail.page",
    "dev_mail.show",
    "media.file",
    "seller_photos.original",
    "seller_talk.photo",
    "talk.order_photo",
    "talk.photo",
}
LAST = ("accounts.sign_out", "admin_people.", "admin_workshops.suspension", "account_security.end", "account_security.")


def _asked_names() -> list[str]:
    """Every name that our own code looks for in a query string."""
    found = set()
    for path in (ROOT / "marketplace").rglob("*.py"):
        found |= set(re.findall(r"request\.(?:args|values)\.get\(\"(\w+)\"", path.read_text()))
    assert {"q", "after", "sort", "to", "next"} <= found
    return sorted(found)


def _bytes_of(word: str) -> str:
    return quote(word.encode("utf-8", "surrogatepass"))


def test_every_query_parameter_of_every_page(world: World) -> None:
    names = _asked_names()
    for rule in world.rules("GET"):
        browser, address = world.browsers[world.role_of(rule.endpoint)], world.address(rule)
        for word in some_words(rule.rule, 4):
            pairs = [f"{name}={_bytes_of(word)}" for name in names]
            pairs += [f"{names[0]}={_bytes_of(word)}", f"{_bytes_of(word)}={_bytes_of(word)}", "a[]=1", "=", "&&"]
            look(f"GET {address} ? {word!r:.60}", lambda a=address, p=pairs, b=browser: b.get(f"{a}?{'&'.join(p)}"))


def test_every_word_in_every_place_of_an_address(world: World) -> None:
    for rule in world.rules("GET"):
        if not rule.arguments - {"market"}:
            continue
        for word in some_words(rule.rule, 6):
            words = {name: _bytes_of(word) for name in rule.arguments if name != "market"}
            browser, address = world.browsers[world.role_of(rule.endpoint)], world.address(rule, **words)
            look(f"GET {address!r:.80}", lambda a=address, b=browser: b.get(a))


def _posts(world: World) -> list[Rule]:
    """Gentle acts first: a piece that was put away, an account that was closed, answers nothing more."""
    return sorted(world.rules("POST"), key=lambda rule: (rule.endpoint.startswith(LAST), rule.endpoint))


def _fields(world: World, rule: Rule) -> dict[str, Any]:
    return world.fields_for(rule) or {"x": [""]}


def test_every_field_of_every_form(world: World) -> None:
    """Each form as its page offers it, but for one field; then all of them; then none, twice, and unknown ones."""
    for rule in _posts(world):
        role, address = world.role_of(rule.endpoint), world.address(rule)
        offered, words = _fields(world, rule), random.Random(rule.rule)
        fields = {name: value for name, value in offered.items() if name not in world.buttons}
        changed: list[Any] = [{**fields, name: words.choice(WORDS)} for name in _sample(words, fields, 5)]
        changed += [{**offered, name: words.choice(WORDS)} for name in _sample(words, offered, 2)]
        changed += [{name: words.choice(WORDS) if name != "csrf_token" else value for name, value in fields.items()}]
        changed += [{name: [*value, *value, "x"] for name, value in fields.items() if name != "csrf_token"} | fields]
        changed += [{**{f"{name}[]": ["1", "2"] for name in fields}, **_token(fields), "zz": "\x00"}, _token(fields)]
        for form in changed:
            with unlimited():
                look(f"POST {address} {form!r:.300}", lambda r=role, a=address, f=form: _send(world, r, a, f))


def _sample(words: random.Random, fields: dict[str, Any], count: int) -> list[str]:
    names = [name for name in fields if name != "csrf_token"]
    return words.sample(names, min(count, len(names)))


def _token(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name == "csrf_token"}


def _send(world: World, role: str, address: str, form: dict[str, Any]) -> Any:
    """As bytes, so that what no honest browser sends (half characters, NUL) arrives as well."""
    pairs = [(name, one) for name, value in form.items() for one in (value if isinstance(value, list) else [value])]
    body = "&".join(f"{_bytes_of(name)}={_bytes_of(str(value))}" for name, value in pairs)
    return world.browsers[role].post(address, data=body, content_type="application/x-www-form-urlencoded")


def test_the_walk_reaches_the_pages_behind_the_doors(world: World) -> None:
    """Otherwise the tests above would only try how well a refusal holds."""
    shown = {}
    for rule in world.rules("GET"):
        shown[rule.endpoint] = world.browsers[world.role_of(rule.endpoint)].get(world.address(rule)).status_code
    lost = {name for name, code in shown.items() if code >= 400}
    assert lost <= MISSING, lost - MISSING
    assert len([form for form in world.forms.values() if len(form) > 1]) > 20


BODIES: tuple[tuple[str, bytes], ...] = (
    ("application/json", b'{"email": ["a"], "quantity": 1e999'),
    ("application/json", b"[" * 20_000),
    ("text/plain", b"csrf_token=x&a=b"),
    ("multipart/form-data", b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name="),
    ("multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n--x--"),
    ("multipart/form-data; boundary=", b"--\r\n--"),
    ("multipart/form-data; boundary=" + "b" * 5000, b"--"),
    (
        "multipart/form-data; boundary=x",
        (
            b'--x\r\nContent-Disposition: form-data; name="photos"; filename="../../\x00<b>.jpg"\r\n'
            b"Content-Type: image/jpeg\r\n\r\n\xff\xd8\xff\r\n--x--\r\n"
        ),
    ),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 2000),
    ("application/x-www-form-urlencoded; charset=utf-7", b"a=%2B&\xff\xfe=%ff%zz%"),
    ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(5000))),
    ("application/x-www-form-urlencoded", b"a=" + b"x" * 1_200_000),
    ("\xff/\xfe; =;;", b"\x00"),
    ("", b"\x1f\x8b\x08"),
)


def test_bodies_that_are_no_form(world: World) -> None:
    for rule in world.rules("POST"):
        if "market" in rule.arguments:
            continue
        role, address, words = world.role_of(rule.endpoint), world.address(rule), random.Random(rule.rule)
        for kind, body in words.sample(BODIES, 4):
            with unlimited():
                look(
                    f"POST {address} as {kind!r:.60} {body!r:.60}",
                    lambda r=role, a=address, k=kind, b=body: world.browsers[r].post(a, data=b, content_type=k),
                )


HEADERS: tuple[tuple[str, str], ...] = (
    ("HTTP_RANGE", "bytes=0-99999999999999999999,-5,x-"),
    ("HTTP_RANGE", "bytes=" + ",".join("0-" for _ in range(500))),
    ("HTTP_RANGE", "\xff=\x80"),
    ("HTTP_IF_NONE_MATCH", 'W/"' + "a" * 9000),
    ("HTTP_IF_NONE_MATCH", '"\xff\x00, *,,W/'),
    ("HTTP_IF_MODIFIED_SINCE", "Mon, 32 Foo 99999 25:61:61 GMT"),
    ("HTTP_IF_RANGE", "\xff"),
    ("HTTP_ACCEPT", "text/html;q=nan,*/*;q=-1;;,"),
    ("HTTP_ACCEPT_LANGUAGE", "xx-\xff;q=1e999,id_ID@x,*"),
    ("HTTP_ACCEPT_ENCODING", "\x00,gzip;q=x"),
    ("HTTP_COOKIE", "session=" + "A" * 9000),
    ("HTTP_COOKIE", 'session=\xff\xfe; =; ; session="a\\054; __Host-session=x'),
    ("HTTP_COOKIE", "session=" + "a" * 22),
    ("HTTP_REFERER", "http://[::1"),
    ("HTTP_REFERER", "//evil.example/\xff"),
    ("HTTP_ORIGIN", "http://[bad"),
    ("HTTP_USER_AGENT", "\x00\xff" * 2000),
    ("HTTP_X_FORWARDED_FOR", "not an address, \xff"),
    ("HTTP_X_FORWARDED_PROTO", "javascript"),
    ("HTTP_AUTHORIZATION", "Basic ===="),
    ("HTTP_CONTENT_ENCODING", "gzip"),
    ("HTTP_HOST", "[::1"),
    ("HTTP_HOST", "127.0.0.1:99999999"),
    ("HTTP_HOST", "127.0.0.1:x\xff"),
    ("HTTP_HOST", "a" * 9000),
    ("HTTP_HOST", ""),
    ("CONTENT_LENGTH", "-1"),
    ("CONTENT_LENGTH", "\xb2"),
    ("CONTENT_LENGTH", "9" * 40),
    ("CONTENT_TYPE", "multipart/form-data; boundary=\xff"),
    ("QUERY_STRING", "q=\xff\xfe&%ff=%00&to=%ED%A0%80&after=%c0%af"),
    ("PATH_INFO", "/\xff\xfe/%00"),
    ("PATH_INFO", "/id/\xed\xa0\x80"),
    ("PATH_INFO", "/c/" + "a/" * 5000),
    ("PATH_INFO", "//evil.example/..//"),
    ("PATH_INFO", "/sign-in\r\nSet-Cookie: a=b"),
    ("PATH_INFO", ""),
    ("REQUEST_METHOD", "BREW"),
    ("REQUEST_METHOD", "\xff"),
)


def test_headers_cookies_and_raw_bytes(world: World) -> None:
    """As a server hands them over (WSGI: bytes as latin-1), on a page of each kind and on acts."""
    asked = [rule for rule in world.rules("GET") if "market" not in rule.arguments]
    acts = [rule for rule in world.rules("POST") if rule.endpoint in ("accounts.sign_in_submit", "cart.add_line")]
    for number, (name, value) in enumerate(HEADERS):
        for rule in [*asked[number % 7 :: 7], *acts]:
            method = "POST" if rule in acts else "GET"
            role, address = world.role_of(rule.endpoint), world.address(rule)
            with unlimited():
                look(
                    f"{method} {address} with {name}: {value!r:.60}",
                    lambda m=method, r=role, a=address, n=name, v=value: world.browsers[r].open(
                        a, method=m, environ_overrides={n: v}
                    ),
                )
