"""Refuses what another site has a browser send in a member's name (CSRF).

Two checks, each enough by itself: the browser must say that the request comes from our own pages,
and the form must carry a token that only our pages know. With an API key there is nothing to check:
no browser sends one on its own.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Final

from fastapi import Request

from casewright.errors import Forbidden

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, 9.2.1)."""

FIELD: Final = "csrf"
HEADER: Final = "x-csrf-token"
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


def token_of(secret: str) -> str:
    """The token of a session's forms.

    It is computed from the secret that the browser holds, so that nothing more has to be stored,
    and neither tells the other.
    """
    return hmac.new(secret.encode("utf-8", "surrogatepass"), b"casewright csrf", sha256).hexdigest()


def require_same_origin(request: Request, scheme: str) -> None:
    """Refuse what a page of another site sent.

    ``Sec-Fetch-Site`` is said by every browser of today; ``Origin`` by older ones. What says
    neither comes from no browser.

    Raises:
        Forbidden: it did.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = f"{scheme}://{request.headers.get('host', '')}"
    if site not in (None, "same-origin") or (site is None and origin not in (None, own)):
        raise Forbidden(
            "Another site sent this.", remedy="Open the page here, and send its form from there."
        )


async def require_own_form(request: Request, scheme: str, token: str) -> None:
    """Refuse what changes something and does not come from our own pages.

    A form is read here and kept with the request: its handler reads the same one.

    Args:
        request: What came.
        scheme: Scheme of our addresses.
        token: The token of the session's forms.

    Raises:
        Forbidden: it does not.
    """
    if request.method in SAFE:
        return
    require_same_origin(request, scheme)
    given = request.headers.get(HEADER) or await _field(request)
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode()):
        raise Forbidden(
            "The form is not of this session.", remedy="Open the page again, and send it anew."
        )


async def _field(request: Request) -> str:
    if not request.headers.get("content-type", "").lower().startswith(_FORMS):
        return ""
    given = (await request.form()).get(FIELD)
    return given if isinstance(given, str) else ""
