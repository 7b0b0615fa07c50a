"""One-time links: who is at this machine's account may sign in with one, once, for ten minutes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from casewright.clock import Clock
from casewright.credentials import digest, fresh

LASTS: Final = timedelta(minutes=10)
"""How long a link can be used."""


class Links:
    """The links of one server, in its memory alone: they end with it.

    Args:
        clock: The present moment.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: dict[str, tuple[str, datetime]] = {}

    def issue(self, member: str) -> str:
        """A token that signs a member in.

        Args:
            member: As the team knows them.
        """
        token = fresh()
        self._issued[digest(token)] = (member, self._clock() + LASTS)
        return token

    def take(self, token: str) -> str | None:
        """Whom a token signs in, for the first and only time; None where it signs nobody in."""
        member, until = self._issued.pop(digest(token), ("", None))
        return member if until is not None and self._clock() < until else None
