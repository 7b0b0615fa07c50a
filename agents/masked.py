"""What leaves the process to be embedded: a text without the personal data that it shows."""

from __future__ import annotations

from collections.abc import Callable

from agents.personal import known, named, patterned, require_presidio
from agents.tokens import Tokens
from casewright.settings import Settings


def masking(settings: Settings) -> Callable[[str], str]:
    """What is done to a text before it leaves for an embedding endpoint.

    Nothing where none is set, or where the setting ``model_privacy`` is ``off``.

    Raises:
        EnvironmentFault: Presidio is not installed.
    """
    leaves = settings.embedding_model or settings.embedding_base_url
    if not leaves or settings.model_privacy == "off":
        return str
    require_presidio()
    return masked


def masked(text: str) -> str:
    """The text with tokens for what its shape shows, and for the names that it announces.

    The tokens are numbered anew in each text, so that equal texts stay equal.
    """
    shapes = patterned(text)
    announced = known(text, tuple(named(text, shapes)), exactly=True)
    return Tokens().hide(text, (*shapes, *announced))
