"""What a second reader says of a closed case, without having seen how it was decided."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from casewright.base import Model, Moment


class SecondLook(Model):
    """One further reader's own verdict.

    Attributes:
        run_id: The run that was drawn.
        reviewer: Who looked.
        outcome: What they would have decided.
        note: Free text.
        at: When.
    """

    run_id: str
    reviewer: str = Field(min_length=1)
    outcome: str
    note: str = ""
    at: Moment


def settled_by(looks: Iterable[SecondLook], decided: str) -> str:
    """The outcome that stands after the looks: the last word, as the last one is the arbiter's."""
    last = max(looks, key=lambda look: look.at, default=None)
    return decided if last is None else last.outcome


def disputed(looks: Iterable[SecondLook], decided: str) -> bool:
    """Whether one reader differs and nobody has arbitrated."""
    found = list(looks)
    return len(found) == 1 and found[0].outcome != decided
