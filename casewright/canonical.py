"""Canonical JSON (RFC 8785) and the digests built on it."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


def canonical(value: Any) -> bytes:
    """The canonical JSON bytes of a JSON value (RFC 8785).

    Raises:
        rfc8785.CanonicalizationError: the value is not JSON, or holds an integer beyond 2**53.
    """
    return rfc8785.dumps(value)


def digest_of(value: Any) -> str:
    """Lower-case hex sha-256 over the canonical JSON of ``value``."""
    return hashlib.sha256(canonical(value)).hexdigest()
