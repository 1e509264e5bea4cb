"""Frozen dataclasses ↔ JSON, by their own annotations; for what the store keeps of the judgement."""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints


def to_json(value: Any) -> str:
    return json.dumps(_lower(value), ensure_ascii=False, separators=(",", ":"))


def from_json(kind: Any, text: str) -> Any:
    """The value that `to_json` wrote. Raises ValueError, TypeError or KeyError where another version wrote it."""
    return _reader(kind)(json.loads(text))


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


def _lower(value: Any) -> Any:
    if value is None or (isinstance(value, str | int | float) and not isinstance(value, Enum)):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _lower(getattr(value, name)) for name in _names(type(value))}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return ""  # contents of attachments are not kept: their text is
    if isinstance(value, Mapping):
        return {_lower(k): _lower(v) for k, v in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [_lower(v) for v in value]
    return value


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """What makes a value of this kind again; found out once for each kind."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = _reader(next(a for a in get_args(kind) if a is not types.NoneType))
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        item = _reader(get_args(kind)[0])
        return lambda value: tuple(map(item, value))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        key, item = map(_reader, get_args(kind))
        return lambda value: {key(k): item(v) for k, v in value.items()}
    return _plain_reader(kind) if isinstance(kind, type) else _as_it_is


def _plain_reader(kind: type) -> Callable[[Any], Any]:
    if is_dataclass(kind):
        readers = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}
        return lambda value: kind(**{name: readers[name](v) for name, v in value.items()})
    if issubclass(kind, Enum):
        return kind
    if issubclass(kind, datetime | date):
        return kind.fromisoformat
    return _nothing if kind is bytes else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _nothing(value: Any) -> bytes:
    return b""
