"""Canonical JSON (RFC 8785) and the digests built on it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from types import NoneType
from typing import Any, Final

import rfc8785

_SAFE_INTEGER: Final = 2**53 - 1

_LAST_OF_PLANE_0: Final = "\uffff"
"""Up to here the order of code points is that of UTF-16, by which RFC 8785 sorts keys."""

_SAME: Final = frozenset((str, bool, NoneType))

_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")
)
"""Writes as RFC 8785 does, in C, what :func:`_plain` lets pass."""


class _Rare(Exception):
    """A value that is left to the library, which is thorough and slow."""


def canonical(value: Any) -> bytes:
    """The canonical JSON bytes of a JSON value (RFC 8785).

    Raises:
        rfc8785.CanonicalizationError: the value is not JSON, or holds an integer beyond 2**53.
    """
    try:
        return _ENCODER.encode(_plain(value)).encode()
    except (_Rare, UnicodeEncodeError):  # the latter is half of a surrogate pair
        return rfc8785.dumps(value)


def _plain(value: Any) -> Any:
    """The value, its numbers as Python writes them by itself in the canonical way."""
    kind = type(value)
    if kind is dict:
        _require_sorted_alike(value)
        if _SAME.issuperset(map(type, value.values())):
            return value
        return {k: v if type(v) in _SAME else _plain(v) for k, v in value.items()}
    if kind is list or kind is tuple:
        return [one if type(one) in _SAME else _plain(one) for one in value]
    return value if kind in _SAME else _number_of(value)


def _require_sorted_alike(keys: Iterable[Any]) -> None:
    try:
        together = "".join(keys)
    except TypeError as error:  # a key that is no text
        raise _Rare from error
    if not together.isascii() and max(together) > _LAST_OF_PLANE_0:
        raise _Rare


def _number_of(value: Any) -> int | float:
    kind = type(value)
    if kind is int and abs(value) <= _SAFE_INTEGER:
        return int(value)
    if kind is float and 1e-4 <= abs(value) < 1e15:
        return int(value) if value.is_integer() else float(value)
    if value == 0 and kind is float:
        return 0
    raise _Rare


def parsed(written: bytes | str) -> Any:
    """The value of canonical JSON: ``canonical(parsed(written)) == written``.

    RFC 8785 writes large floats without an exponent (``1e20`` as ``100000000000000000000``), so
    what stands there as an integer beyond 2**53 was a float, and is read as one.

    Raises:
        json.JSONDecodeError: it is not JSON.
    """
    return json.loads(written, parse_int=_number)


def _number(digits: str) -> int | float:
    number = int(digits)
    return number if abs(number) <= _SAFE_INTEGER else float(digits)


def digest_of(value: Any) -> str:
    """Lower-case hex sha-256 over the canonical JSON of ``value``."""
    return hashlib.sha256(canonical(value)).hexdigest()
