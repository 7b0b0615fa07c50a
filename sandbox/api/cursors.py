"""Opaque cursors: where a list goes on, for which request, and until when they hold."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Final

from sandbox.api.problems import Problem

LIFETIME: Final = 15 * 60


@dataclass(frozen=True)
class Cursor:
    """A place in a list: rows to skip, the request's fingerprint, pinned ``as_of``, issue time."""

    offset: int
    request: str
    as_of: int
    issued: int

    def write(self) -> str:
        """Return the cursor as opaque text."""
        body = json.dumps(asdict(self), sort_keys=True).encode()
        return base64.urlsafe_b64encode(_seal(body) + body).decode().rstrip("=")


def fingerprint(path: str, filters: dict[str, str]) -> str:
    """Return a digest of a request, so that a cursor serves no other one."""
    return hashlib.sha256(json.dumps([path, filters], sort_keys=True).encode()).hexdigest()[:16]


def read_cursor(text: str, request: str, now: int) -> Cursor:
    """Return the cursor in ``text``.

    Raises:
        Problem: 400 where it is none or belongs to another request, 410 after 15 minutes.
    """
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise Problem(400, "bad_cursor", "The cursor cannot be read.") from error
    seal, body = raw[:8], raw[8:]
    if seal != _seal(body):
        raise Problem(400, "bad_cursor", "The cursor cannot be read.")
    cursor = Cursor(**json.loads(body))
    if cursor.request != request:
        raise Problem(400, "bad_cursor", "The cursor belongs to another request.")
    if now - cursor.issued > LIFETIME:
        raise Problem(410, "cursor_expired", "The cursor is older than 15 minutes: start again.")
    return cursor


def _seal(body: bytes) -> bytes:
    """A checksum against typing errors; the sandbox has nothing to protect from forgery."""
    return hashlib.sha256(b"cursor" + body).digest()[:8]
