"""Holds the stand-in to the truth: requests and replies against the annotations of the stripe library (payments.md 3).

`request_findings(SessionCreateParams, form)` and `reply_findings(stripe.checkout.Session, reply)` list every unknown
key, missing key, wrong type and value outside a Literal; an empty list means that Stripe's own types accept it.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import sys
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl

import stripe
import typing_extensions

_EXTRA_LIST_KEYS = {"object", "data", "has_more", "url", "total_count"}
_TEXT_KEYS = {"metadata", "evidence"}  # digits in there stay text


def decode_form(body: str) -> dict[str, Any]:
    """A form body as nested values: indexed keys become lists, digits numbers, true and false booleans."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(body, keep_blank_values=True, strict_parsing=bool(body)):
        keys = name.replace("]", "").split("[")
        here = tree
        for key in keys[:-1]:
            here = here.setdefault(key, {})
        here[keys[-1]] = value if _TEXT_KEYS & set(keys[:-1]) else _typed(value)
    return typing.cast(dict[str, Any], _lists(tree))


def _typed(value: str) -> Any:
    if value in ("true", "false"):
        return value == "true"
    return int(value) if value.isdigit() and (value == "0" or value[0] != "0") else value


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    made = {key: _lists(item) for key, item in value.items()}
    if made and all(key.isdigit() for key in made):
        return [made[key] for key in sorted(made, key=int)]
    return made


@functools.cache
def _names_of(module_name: str) -> dict[str, Any]:
    """A module's names, those included that it imports for type checkers only."""
    module = sys.modules[module_name]
    source = Path(inspect.getfile(module)).read_text()
    names: dict[str, Any] = {"StripeContext": str, **vars(typing), **vars(typing_extensions)}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("stripe"):
            imported = importlib.import_module(node.module)
            names.update({alias.asname or alias.name: getattr(imported, alias.name) for alias in node.names})
    names.update(vars(module))
    return names


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    hints: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        if base.__module__.startswith("stripe") and "__annotations__" in vars(base):
            names = _names_of(base.__module__)
            only = types.SimpleNamespace(__annotations__=vars(base)["__annotations__"])
            hints.update(typing_extensions.get_type_hints(only, names, names, include_extras=True))
    return hints


def request_findings(kind: Any, given: Mapping[str, Any], where: str = "") -> list[str]:
    """What Stripe's parameter type `kind` (a TypedDict) says against a decoded request."""
    hints = _hints(kind)
    found = [f"{where}{key}: unknown" for key in given if key not in hints]
    for key, hint in hints.items():
        if key in given:
            found += _value(hint, given[key], f"{where}{key}", reply=False)
        elif key in kind.__required_keys__:
            found.append(f"{where}{key}: missing")
    return found


def reply_findings(kind: Any, given: Mapping[str, Any], where: str = "") -> list[str]:
    """What Stripe's resource class says against a reply; a field is required when None is not among its types."""
    hints = {key: hint for key, hint in _hints(kind).items() if typing.get_origin(hint) is not typing.ClassVar}
    hints = {key: hint for key, hint in hints.items() if not key.startswith("_")}
    extra = _EXTRA_LIST_KEYS if "has_more" in hints else set()
    found = [f"{where}{key}: unknown" for key in given if key not in hints and key not in extra]
    for key, hint in hints.items():
        if key in given:
            found += _value(hint, given[key], f"{where}{key}", reply=True)
        elif not _may_be_none(hint):
            found.append(f"{where}{key}: missing")
    return found


def _may_be_none(hint: Any) -> bool:
    return hint is Any or any(part is type(None) or part is Any for part in _parts(hint))


def _parts(hint: Any) -> list[Any]:
    """The alternatives of a type, wrappers taken off. Enums are written `Literal[...] | str`: the str is dropped."""
    origin = typing.get_origin(hint)
    if origin in (typing_extensions.NotRequired, typing_extensions.Required, typing.Annotated):
        return _parts(typing.get_args(hint)[0])
    if origin not in (typing.Union, types.UnionType):
        return [hint]
    parts = [part for option in typing.get_args(hint) for part in _parts(option)]
    if any(typing.get_origin(part) is Literal for part in parts):
        parts = [part for part in parts if part is not str]
    return parts


def _value(hint: Any, value: Any, where: str, *, reply: bool) -> list[str]:
    parts = _parts(hint)
    tries = [_one(part, value, where, reply=reply) for part in parts]
    return [] if any(not found for found in tries) else min(tries, key=len)


def _one(part: Any, value: Any, where: str, *, reply: bool) -> list[str]:
    origin = typing.get_origin(part)
    if part is Any or part is object:
        return []
    if part is type(None):
        return [] if value is None else [f"{where}: {value!r} is not null"]
    if origin is Literal:
        return [] if value in typing.get_args(part) else [f"{where}: {value!r} is none of {typing.get_args(part)}"]
    if origin in (list, typing.get_origin(list[int])):
        return _many(part, value, where, reply=reply)
    if dict in (part, origin) or getattr(origin, "__name__", "") == "UntypedStripeObject":
        return _dict(part, value, where, reply=reply)
    if inspect.isclass(part) and typing_extensions.is_typeddict(part):
        return request_findings(part, value, where + ".") if isinstance(value, dict) else [f"{where}: no object"]
    if inspect.isclass(part) and issubclass(part, stripe.StripeObject):
        return reply_findings(part, value, where + ".") if isinstance(value, dict) else [f"{where}: no object"]
    if inspect.isclass(origin) and issubclass(origin, stripe.StripeObject):
        return _list_object(part, value, where)
    if inspect.isclass(part):
        good = isinstance(value, part) and not (part is int and isinstance(value, bool))
        return [] if good or (part is float and type(value) is int) else [f"{where}: {value!r} is no {part.__name__}"]
    return [f"{where}: cannot judge {part!r}"]


def _list_object(part: Any, value: Any, where: str) -> list[str]:
    """ListObject[X]: its frame, and each X in it."""
    if not isinstance(value, dict):
        return [f"{where}: no list"]
    (item,) = typing.get_args(part)
    frame = {key: [] if key == "data" and entry else entry for key, entry in value.items()}
    found = reply_findings(typing.get_origin(part), frame, where + ".")
    for place, entry in enumerate(value.get("data", ())):
        found += _value(item, entry, f"{where}.data[{place}]", reply=True)
    return found


def _many(part: Any, value: Any, where: str, *, reply: bool) -> list[str]:
    if not isinstance(value, list):
        return [f"{where}: no list"]
    (item,) = typing.get_args(part)
    return [line for place, entry in enumerate(value) for line in _value(item, entry, f"{where}[{place}]", reply=reply)]


def _dict(part: Any, value: Any, where: str, *, reply: bool) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where}: no object"]
    arguments = typing.get_args(part)
    if not arguments:
        return []
    kind = arguments[-1]
    return [line for key, entry in value.items() for line in _value(kind, entry, f"{where}.{key}", reply=reply)]
