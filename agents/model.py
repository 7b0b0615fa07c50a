"""The one place where conversations with models are composed, and the reader that talks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.endpoint import RETRIES, chat_model, endpoints
from agents.reading import Budget, Reader
from casewright.settings import Settings
from casewright.together import Together

if TYPE_CHECKING:
    from agents.line import Line
    from agents.narrator import Narrator
    from agents.talk import Talks
    from agents.tape import Tape
    from tools.toolbox import Toolbox

SAMPLING_TEMPERATURE = 0.7
"""Of each of several readings of the same questions: the one of arXiv 2203.11171, section 3.1."""


def talks(settings: Settings, tape: Tape | None = None, together: Together | None = None) -> Talks:
    """Opens conversations with the endpoints of the settings.

    Args:
        settings: Every ``model_…`` setting but those of the reader is used.
        tape: Where answers are recorded or come from; None: each call goes out.
        together: What these calls have in common with others; None: nothing.

    Returns:
        What all cases of a process are to share: it holds the limits, and what is known of the
        endpoints.

    Raises:
        ModelError: an address is no URL, or a key is needed.
        EnvironmentFault: personal data is to be hidden, and Presidio is not installed.
    """
    from agents.chat import Chat

    shared = lines(settings, tape, together)
    return private(
        settings,
        lambda errand: Chat(shared, SAMPLING_TEMPERATURE if errand.sample else 0.0),
    )


def private(settings: Settings, outside: Talks) -> Talks:
    """Conversations without personal data, unless the setting ``model_privacy`` is ``off``.

    Raises:
        EnvironmentFault: Presidio is not installed.
    """
    from agents.personal import require_presidio
    from agents.privacy import Private

    if settings.model_privacy == "off":
        return outside
    require_presidio()
    return lambda errand: Private(outside(errand), errand)


def lines(
    settings: Settings, tape: Tape | None = None, together: Together | None = None
) -> tuple[Line, ...]:
    """The lines to the endpoints of the settings, the preferred one first.

    Args:
        settings: See :func:`talks`.
        tape: Where answers are recorded or come from; None: each call goes out.
        together: What these calls have in common with others; None: nothing.

    Raises:
        ModelError: an address is no URL, or a key is needed.
    """
    from agents.abilities import Abilities
    from agents.limits import Limits
    from agents.line import Line

    company = together or Together()
    limits = Limits(
        settings.model_requests_per_minute,
        settings.model_tokens_per_minute,
        settings.model_concurrency,
        shared=company.reserve,
        signals=company.signals,
    )
    # A replay can only ask again what the recording asked, so neither starts from what is known.
    abilities = Abilities(None if tape else settings.home)
    named = endpoints(settings)
    return tuple(
        Line(
            endpoint,
            chat_model(endpoint, settings, tape, company.signals),
            patience_s=settings.model_timeout_s * (RETRIES + 1),
            limits=limits,
            abilities=abilities,
            together=company,
            others=[one for one in named if one is not endpoint],
            told_as=endpoint.name if len(named) > 1 else "",
        )
        for endpoint in named
    )


def reader(settings: Settings, toolbox: Toolbox, shared: Talks | None = None) -> Reader:
    """The reader that talks with the model of the settings.

    Args:
        settings: See :func:`talks`; there is a ``model``.
        toolbox: Where the reader's look-ups go.
        shared: What opens its conversations; None: what :func:`talks` makes.

    Raises:
        ModelError: no client can be made from the settings.
    """
    from agents.reader import ModelReader

    opened = shared or talks(settings)
    return ModelReader(opened, toolbox, budget=budget(settings))


def narrator(settings: Settings, shared: Talks | None = None) -> Narrator | None:
    """The narrator that the settings ask for; None where it is off, or no model is configured.

    Args:
        settings: ``narrator`` and ``reviewer_language`` are used, and see :func:`talks`.
        shared: What opens its conversations; None: what :func:`talks` makes.

    Raises:
        ModelError: no client can be made from the settings.
    """
    if not settings.model or settings.narrator == "off":
        return None
    from agents.narrator import Narrator

    return Narrator(shared or talks(settings), settings.reviewer_language)


def budget(settings: Settings) -> Budget:
    """What the reading of one case may use at most, whatever its SOP allows."""
    return Budget(
        tool_calls=settings.model_tool_calls,
        tokens=settings.model_tokens,
        micros=settings.model_budget_micros or None,
        seconds=settings.model_seconds,
    )
