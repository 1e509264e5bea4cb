"""Frozen dataclasses ↔ JSON, by their own annotations; for what the store keeps of the judgement."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints


def to_json(value: Any) -> str:
    return json.dumps(_lower(value), ensure_ascii=False, separators=(",", ":"))


def from_json(kind: Any, text: str) -> Any:
    """The value that `to_json` wrote. Raises ValueError, TypeError or KeyError where another version wrote it."""
    return _raise(kind, json.loads(text))


def _lower(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _lower(getattr(value, f.name)) for f in fields(value)}
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
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _raise(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return None if value is None else _raise(next(a for a in get_args(kind) if a is not types.NoneType), value)
    if origin is tuple:
        return tuple(_raise(get_args(kind)[0], v) for v in value)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        key, item = get_args(kind)
        return {_raise(key, k): _raise(item, v) for k, v in value.items()}
    if not isinstance(kind, type):
        return value
    return _raise_plain(kind, value)


def _raise_plain(kind: type, value: Any) -> Any:
    if is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _raise(hints[name], v) for name, v in value.items()})
    if issubclass(kind, Enum):
        return kind(value)
    if issubclass(kind, datetime | date):
        return kind.fromisoformat(value)
    return b"" if kind is bytes else value
