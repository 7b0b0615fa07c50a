"""Tells text that is spelled so that people cannot read it and a language model can."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

_RUNS: Final = re.compile(
    r"[A-Za-z0-9+/]{24,}={0,6}|(?:%[0-9A-Fa-f]{2}|[A-Za-z.]){12,}|"
    r"(?:\\u[0-9A-Fa-f]{4}){6,}|(?:[01]{8}[ ,]?){6,}"
)
_SPELLED: Final = re.compile(r"\\u([0-9A-Fa-f]{4})")
_LEAST: Final = 12
"""Fewest characters that a decoded text has."""


def encoded_in(text: str) -> Iterator[tuple[int, int, str]]:
    """What only decoding makes readable.

    It may stand in base64, base32, hexadecimal or binary digits, percent signs or code points.

    Returns:
        First and last character, the last exclusive, and what stands there decoded.
    """
    for run in _RUNS.finditer(text):
        yield from ((*run.span(), one) for one in _decoded(run[0]) if _reads(one))


def _decoded(run: str) -> Iterator[str]:
    for decode in (_base64, _base32, bytes.fromhex, _bits):
        try:
            yield decode(run).decode("ascii")
        except (ValueError, binascii.Error):
            continue
    if "%" in run:
        yield unquote(run)
    if "\\u" in run:
        yield _SPELLED.sub(lambda match: chr(int(match[1], 16)), run)


def _base64(run: str) -> bytes:
    bare = run.rstrip("=")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)


def _base32(run: str) -> bytes:
    bare = run.rstrip("=")
    return base64.b32decode(bare + "=" * (-len(bare) % 8))


def _bits(run: str) -> bytes:
    digits = re.sub(r"[ ,]", "", run)
    return bytes(int(digits[at : at + 8], 2) for at in range(0, len(digits) - 7, 8))


def _reads(text: str) -> bool:
    """Whether it is words: letters and spaces, hardly anything else."""
    words = sum(one.isalpha() or one == " " for one in text)
    return len(text) >= _LEAST and text.isprintable() and " " in text and words > 0.85 * len(text)
