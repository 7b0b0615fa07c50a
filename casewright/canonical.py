"""Canonical JSON (RFC 8785) and the digests built on it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import rfc8785

_SAFE_INTEGER = 2**53 - 1


def canonical(value: Any) -> bytes:
    """The canonical JSON bytes of a JSON value (RFC 8785).

    Raises:
        rfc8785.CanonicalizationError: the value is not JSON, or holds an integer beyond 2**53.
    """
    return rfc8785.dumps(value)


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
