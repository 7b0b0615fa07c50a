"""Where the console is reached, and what has to be set up before it is reached from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from casewright.credentials import ApiKey
from casewright.errors import UsageError
from casewright.settings import Settings

LOOPBACK: Final = "127.0.0.1"

LOCAL_HOSTS: Final = (LOOPBACK, "localhost", "::1", "[::1]")
"""Names of this machine for itself. A page of another site whose name was made to point here (DNS
rebinding) sends that other name, and is refused."""


@dataclass(frozen=True)
class Tls:
    """The files to serve TLS with.

    Attributes:
        certificate: The certificate chain (PEM).
        key: Its key (PEM); None: it is in the same file.
    """

    certificate: Path
    key: Path | None = None


@dataclass(frozen=True)
class Entrance:
    """Where the console is reached.

    Attributes:
        host: Address that it listens on.
        tls: The files to serve TLS with, or None.
        behind_proxy: Whether TLS ends at a proxy before it.
    """

    host: str = LOOPBACK
    tls: Tls | None = None
    behind_proxy: bool = False

    @property
    def secure(self) -> bool:
        """Whether browsers reach it over TLS."""
        return self.tls is not None or self.behind_proxy

    @property
    def public(self) -> bool:
        """Whether others than this machine reach it."""
        return self.behind_proxy or not is_loopback(self.host)

    @property
    def scheme(self) -> str:
        """Scheme of its addresses, as browsers see them."""
        return "https" if self.secure else "http"


HERE: Final = Entrance()
"""This machine alone."""


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine's own."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def require_closed(
    entrance: Entrance, settings: Settings, keys: Sequence[ApiKey], at: datetime
) -> None:
    """Refuse to be reached from elsewhere where anybody could walk in, or listen.

    Args:
        entrance: Where the console is to be reached.
        settings: The settings.
        keys: The API keys of the store.
        at: The present moment.

    Raises:
        UsageError: something has to be set up first; the remedy says what.
    """
    if not entrance.public:
        return
    beyond = "Beyond this machine the console"
    if not settings.oidc_issuer and not any(key.live(at) for key in keys):
        told = f"{beyond} takes a sign-in service or an API key, and neither is set up."
        remedy = "Set oidc_issuer and oidc_client_id, or make a key: casewright key new."
        raise UsageError(told, remedy=remedy)
    if not settings.team:
        told = f"{beyond} takes a team: without one whoever comes in may do everything."
        raise UsageError(told, remedy="Name its members in the settings: [team.NAME].")
    if not entrance.secure:
        remedy = "Give --cert, or --behind-proxy where TLS ends at a proxy before it."
        raise UsageError(f"{beyond} takes TLS.", remedy=remedy)
    if not settings.console_hosts:
        told = f"{beyond} has to know its own name."
        raise UsageError(told, remedy='Set console_hosts, such as ["risk.example.com"].')
