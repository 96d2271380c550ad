"""What holds for every request and answer: host, market, origin, headers, caching, one log line."""

from __future__ import annotations

import logging
import string
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Blueprint, Flask, Request, abort, g, request, url_for
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter, IntegerConverter, Map
from werkzeug.wrappers import Response

from . import forms
from .audience import Audience
from .ids import new_token
from .markets import BY_PREFIX, MARKETS, WORLD, Market, current_market

log = logging.getLogger("request")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
FORMS = ("", "-br", "-gzip")  # a version as it is, and as the page cache compressed it
MAX_BODY = 32 * 1024 * 1024  # one photo of 30 MB and its form
MAX_TEXT = 1024 * 1024  # everything that carries no files


class ShopRequest(Request):
    """Takes a query whose bytes no browser sends as it is, without percent signs: Werkzeug would not decode it."""

    def __init__(self, environ: Any, *args: Any, **options: Any) -> None:
        query = environ.get("QUERY_STRING", "")
        if not query.isascii():
            environ["QUERY_STRING"] = quote(query.encode("latin-1"), safe=string.punctuation)
        super().__init__(environ, *args, **options)


class MarketConverter(BaseConverter):
    regex = "|".join(BY_PREFIX)
    part_isolating = True


class RowNumberConverter(IntegerConverter):
    """A row's number in an address: one that no database can hold is no page (404, not an error of ours)."""

    def __init__(self, url_map: Map, *args: Any, **options: Any) -> None:
        super().__init__(url_map, *args, **{"max": 2**63 - 1, **options})


class MarketBlueprint(Blueprint):
    """Every page of it stands bare (the world's market) and under /<market>/, as one endpoint."""

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Any = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        super().add_url_rule(rule, endpoint, view_func, **options)
        prefix = self.url_prefix or ""
        under = f"/<market:market>{prefix}{rule}"
        name = endpoint or getattr(view_func, "__name__", "")
        view = view_func
        self.record(lambda state: state.app.add_url_rule(under, f"{self.name}.{name}", view, **options))


def _choose_market(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values is None:  # no such page: it is said in the language of the address
        prefix = request.path.lstrip("/").partition("/")[0]
    else:
        prefix = values.pop("market", "")
    g.market = BY_PREFIX.get(prefix, WORLD)


def _keep_market(endpoint: str, values: dict[str, Any]) -> None:
    """Links stay in the market of the page unless they name another: url_for(…, market='id'), market='' for bare."""
    from flask import current_app

    if not current_app.url_map.is_endpoint_expecting(endpoint, "market"):
        values.pop("market", None)
        return
    if "market" not in values and current_market().prefix:
        values["market"] = current_market().prefix
    if values.get("market") == "":
        values.pop("market")


def address_in(market: Market) -> str:
    """This page's address in another market."""
    values = dict(request.view_args or {})
    return url_for(request.endpoint or "catalog.home", **values, market=market.prefix)


def market_links() -> list[tuple[str, str, str, bool]]:
    """(name, language, address, is this one) of every market, for the page's switch; three places show them."""
    links: list[tuple[str, str, str, bool]] | None = request.environ.get("shop.market_links")
    if links is None:
        links = request.environ["shop.market_links"] = _market_links()
    return links


def _market_links() -> list[tuple[str, str, str, bool]]:
    if not request.endpoint or not _in_markets(request.endpoint):
        return [(m.name, m.locale, "/" + (m.prefix + "/" if m.prefix else ""), False) for m in MARKETS.values()]
    return [(m.name, m.locale, address_in(m), m is current_market()) for m in MARKETS.values()]


def alternates() -> list[tuple[str, str]]:
    """(hreflang, absolute address) of a public page's siblings, x-default first."""
    from flask import current_app

    if g.get("audience") is not Audience.PUBLIC or not request.endpoint or not _in_markets(request.endpoint):
        return []
    site = current_app.config["SITE_URL"]
    return [("x-default", site + address_in(WORLD))] + [(m.hreflang, site + address_in(m)) for m in MARKETS.values()]


def _in_markets(endpoint: str) -> bool:
    from flask import current_app

    return bool(current_app.url_map.is_endpoint_expecting(endpoint, "market"))


def client_address() -> str:
    return request.remote_addr or "unknown"


def _host_name(header: str) -> str:
    try:
        return urlsplit("//" + header).hostname or ""
    except ValueError:  # a bracket that nothing closes
        return ""


def _check_host(app: Flask) -> Callable[[], None]:
    site = urlsplit(app.config["SITE_URL"])
    production = app.config["APP_ENV"] == "production"

    def check() -> None:
        host = _host_name(request.headers.get("Host") or "")
        if host == site.hostname or (not production and host in LOOPBACK):
            return
        if production and site.hostname in LOOPBACK and host in LOOPBACK:
            return
        if request.endpoint in ("health.healthz", "health.readyz"):
            return  # a load balancer asks by address
        abort(400)

    return check


def _own_origin(origin: str) -> bool:
    from flask import current_app

    return origin in (current_app.config["SITE_URL"], request.host_url.rstrip("/"))


def _refuse_cross_site() -> None:
    """Every unsafe method comes from our own pages; a request that names no origin must carry a token."""
    if request.method in SAFE_METHODS or g.get("audience") is Audience.MACHINE or request.endpoint is None:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if origin is not None:
        if not _own_origin(origin) or site in ("cross-site", "same-site"):
            abort(403)
    elif site is not None:
        if site not in ("same-origin", "none"):
            abort(403)
    elif not forms.is_token(request.form.get(forms.TOKEN_FIELD)):
        abort(403)


def content_policy(form_targets: tuple[str, ...]) -> str:
    targets = " ".join(("'self'", *form_targets))
    return (
        "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action {targets}"
    )


def _headers(app: Flask) -> Callable[[Response], Response]:
    policy = content_policy(tuple(app.config["FORM_TARGETS"]))

    def add(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = _referrer_policy()
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        response.headers["X-Request-ID"] = g.get("request_id", "")
        if app.config["HTTPS"]:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-store"
        return response

    return add


def _referrer_policy() -> str:
    """An address that opens something is told to nobody. Not by no-referrer: our own forms would lose their Origin."""
    return "same-origin" if "token" in (request.view_args or {}) else "strict-origin-when-cross-origin"


def public(response: Response, *, seconds: int = 60) -> Response:
    """Let browsers ask again each time and shared caches keep the page for `seconds` (architecture.md 6)."""
    response.headers["Cache-Control"] = f"public, max-age=0, s-maxage={seconds}, stale-while-revalidate=600"
    return response


def not_modified(etag: str) -> Response | None:
    """The 304 for a visitor who holds this version, before anything else is read or rendered."""
    if any(request.if_none_match.contains_weak(f"{etag}{form}") for form in FORMS):
        response = public(Response(status=304))
        response.set_etag(etag)
        return response
    return None


def _begin() -> None:
    g.request_id, g.began = new_token()[:12], time.perf_counter()
    if request.mimetype != "multipart/form-data":  # a form without files is read as a whole
        request.max_content_length = MAX_TEXT
    if "\0" in request.path:  # no text of ours holds it, and PostgreSQL refuses the question
        abort(404)


def _without_token(path: str) -> str:
    """Words that open something stay out of the log (security.md 46)."""
    token = str((request.view_args or {}).get("token") or "")
    return path.replace(token, "...") if token else path


def _log_line(response: Response) -> Response:
    path = _without_token(request.path).encode("unicode_escape").decode()[:300]
    spent = (time.perf_counter() - g.get("began", time.perf_counter())) * 1000
    log.info("%s %s %s %s %.0fms", g.get("request_id"), request.method, path, response.status_code, spent)
    return response


def init_app(app: Flask) -> None:
    app.request_class = ShopRequest
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_TEXT
    app.config["MAX_FORM_PARTS"] = 400
    app.url_map.converters["market"] = MarketConverter
    app.url_map.converters["int"] = RowNumberConverter
    app.url_value_preprocessor(_choose_market)
    app.url_defaults(_keep_market)
    app.before_request(_begin)
    app.before_request(_check_host(app))
    app.after_request(_headers(app))
    app.after_request(_log_line)
    app.jinja_env.globals.update(market_links=market_links, alternates=alternates, current_market=current_market)
    app.jinja_env.globals["form_token"] = forms.form_token
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]


def guard_origin(app: Flask) -> None:
    """Registered after the audience check, which says what kind of endpoint this is."""
    app.before_request(_refuse_cross_site)
