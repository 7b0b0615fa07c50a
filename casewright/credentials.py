"""What lets somebody in: sessions of browsers, and keys of programs; stored as digests alone.

Each secret is 256 random bits from the operating system. A fast hash is enough for such: a slow one
(bcrypt, Argon2) makes guessing dear where people chose the secret, and nobody guesses 256 bits at
any speed. Whoever reads the store can sign in with none of them.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal

from casewright.base import Model, Moment

BYTES: Final = 32
"""Random bytes of a secret."""

SEEN_SECONDS: Final = 60
"""How exactly it is told when a session or a key was last used, so that few requests write."""

Way = Literal["link", "oidc"]
"""How somebody signed in: with a one-time link, or through a sign-in service."""

_KEY: Final = re.compile(r"cw_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


class SignedIn(Model):
    """A session of a browser.

    Attributes:
        member: Whose, as the team knows them.
        way: How they signed in.
        created_at: When.
        seen_at: When it was last used, to the minute.
        expires_at: When it ends, used or not.
    """

    member: str
    way: Way
    created_at: Moment
    seen_at: Moment
    expires_at: Moment


class ApiKey(Model):
    """A key of a program, without its secret.

    Attributes:
        key_id: What it is listed and revoked by.
        name: What it is for.
        member: As whom it acts.
        created_at: When it was made.
        expires_at: When it ends.
        revoked_at: When it was revoked; None: it was not.
        used_at: When it was last used, to the minute; None: never.
    """

    key_id: str
    name: str
    member: str
    created_at: Moment
    expires_at: Moment
    revoked_at: Moment | None = None
    used_at: Moment | None = None

    def live(self, at: datetime) -> bool:
        """Whether it lets anybody in."""
        return self.revoked_at is None and at < self.expires_at


def fresh() -> str:
    """A new secret: 43 characters that may stand in a URL, a cookie and a header."""
    return secrets.token_urlsafe(BYTES)


def digest(secret: str) -> str:
    """What is stored of a secret: its sha-256, in hexadecimal."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def written_key(key_id: str, secret: str) -> str:
    """A key as its holder keeps it."""
    return f"cw_{key_id}_{secret}"


def read_key(text: str) -> tuple[str, str] | None:
    """Id and secret of a key; None where the text is none."""
    found = _KEY.fullmatch(text)
    return (found[1], found[2]) if found else None


def fresh_key_id() -> str:
    """A new id of a key; no secret."""
    return secrets.token_hex(6)
