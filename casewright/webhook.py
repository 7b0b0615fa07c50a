"""Webhooks: who is told of what, how a delivery is signed, and how whoever gets it verifies it.

The three headers and the signature are those of Standard Webhooks, so that any library for it
verifies what casewright sends; ``verify`` is there for receivers in Python. See
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address
from typing import Annotated, Any, Final, Literal, get_args
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from casewright.audit import Kind
from casewright.errors import UsageError, VerificationError

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"

PREFIX: Final = "whsec_"
"""What a secret begins with; base64 of 24 to 64 bytes follows."""

TOLERANCE_S: Final = 300
"""How far a delivery's time may lie from the receiver's clock, in seconds."""

Announced = Literal[
    "entered",
    "waiting",
    "claimed",
    "reviewed",
    "asked",
    "answered",
    "appealed",
    "decided",
    "enforced",
    "undone",
    "failed",
]
"""What an endpoint can be told of."""

ANNOUNCED: Final[Mapping[Announced, Kind]] = {
    name: Kind.CLOSED if name == "decided" else Kind(name) for name in get_args(Announced)
}
"""The event of the log behind each. ``decided`` is told when a run closes: what the log calls
decided is a proposal that a review has changed, which may still be asked for something."""


def _safe(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError("the URL does not read") from error
    if parts.username or parts.password or not parts.hostname or port == 0:
        raise ValueError("the URL names a host, and no user or password")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts)):
        raise ValueError("the URL begins with https://, or with http:// on this machine alone")
    return url


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
"""The name of an endpoint."""


class Webhook(BaseModel):
    """An endpoint that is told what happens: ``[webhooks.NAME]``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Annotated[str, AfterValidator(_safe)]
    """Where to; https, or http on this machine."""

    secret_env: str = Field(min_length=1)
    """Environment variable with the secret: ``whsec_`` and base64 of 24 to 64 bytes. Where a new
    one takes the place of an old one, both, parted by a space: each delivery is signed with each.
    """

    events: tuple[Announced, ...] = ("decided", "reviewed", "enforced")
    """What it is told of."""

    @property
    def kinds(self) -> frozenset[Kind]:
        """The events of the log that it is told of."""
        return frozenset(ANNOUNCED[name] for name in self.events)

    def keys(self) -> tuple[bytes, ...]:
        """The keys to sign with.

        Raises:
            UsageError: the variable is not set, or holds no secret.
        """
        given = os.environ.get(self.secret_env, "").split()
        if not given:
            told = f"The environment variable {self.secret_env} is not set."
            raise UsageError(told, remedy="It holds the secret that deliveries are signed with.")
        return tuple(key_of(one) for one in given)


def key_of(secret: str) -> bytes:
    """The key in a secret.

    Raises:
        UsageError: it is none.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not (secret.startswith(PREFIX) and 24 <= len(key) <= 64):
        raise UsageError(
            "That is no secret of a webhook.",
            remedy=f"It is {PREFIX} and base64 of 24 to 64 random bytes.",
        )
    return key


def signed(keys: tuple[bytes, ...], message: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers of a delivery.

    Args:
        keys: One, or several while a secret is being replaced.
        message: Id of the message, the same however often it is sent.
        body: What is sent.
        at: The moment of sending.
    """
    seconds = str(int(at.timestamp()))
    signatures = " ".join(_signature(key, message, seconds, body) for key in keys)
    return {ID: message, TIMESTAMP: seconds, SIGNATURE: signatures}


def _signature(key: bytes, message: str, seconds: str, body: bytes) -> str:
    content = f"{message}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, sha256)).decode()


def verify(
    secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime | None = None
) -> dict[str, Any]:
    """What a delivery says, once it is known to come from who has the secret.

    A message may come more than once: keep ``webhook-id`` and pass over what was seen.

    Args:
        secret: The secret, ``whsec_…``.
        headers: The headers of the request.
        body: Its body, as it came: parsed and written again it is another.
        now: The present moment; None: the system's clock.

    Raises:
        UsageError: the secret is none.
        VerificationError: a header is missing, the time is more than five minutes away, or no
            signature is right. Answer 400, and do nothing else.
    """
    given = {name.lower(): value for name, value in headers.items()}
    if missing := [name for name in (ID, TIMESTAMP, SIGNATURE) if not given.get(name)]:
        raise VerificationError(f"The delivery has no header {missing[0]}.")
    _require_recent(given[TIMESTAMP], now or datetime.now(UTC))
    right = _signature(key_of(secret), given[ID], given[TIMESTAMP], body).encode()
    # Each is compared, and each in full: how long it takes tells nothing of where they differ.
    found = [
        hmac.compare_digest(one.encode("utf-8", "surrogatepass"), right)
        for one in given[SIGNATURE].split()
    ]
    if not any(found):
        raise VerificationError("No signature of the delivery is right.")
    told = json.loads(body)
    if not isinstance(told, dict):
        raise VerificationError("The delivery is no message.")
    return told


def _require_recent(seconds: str, now: datetime) -> None:
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 12):
        raise VerificationError(f"The header {TIMESTAMP} is no number of seconds.")
    if abs(now.timestamp() - int(seconds)) > TOLERANCE_S:
        raise VerificationError("The delivery is old, or its clock is wrong.")
