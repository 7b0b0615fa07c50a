"""Enforcement: what an outcome does to the world, with which parameters, and under which key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from casewright.base import Digest, Model, Moment
from casewright.canonical import digest_of
from casewright.evidence import Citation

ParameterValue = bool | int | float | str | tuple[str, ...] | None
"""A parameter's value; None stands for ``unknown`` and always carries a reason."""


class Parameter(Model):
    """One parameter of an outcome, such as the amount to release: by rule, or by the reviewer.

    Attributes:
        name: Its name in the SOP.
        value: An integer (money in cents), a number, a text or several ids; None: unknown.
        at_least: The lowest value allowed; None: no bound, or an unknown one.
        at_most: The highest value allowed; likewise.
        reason: Why it is unknown or cannot be used, or empty.
        set_by: The reviewer who gave the value; empty where the SOP's rule did.
        citations: Its proof.
    """

    name: str
    value: ParameterValue = None
    at_least: int | float | None = None
    at_most: int | float | None = None
    reason: str = ""
    set_by: str = ""
    citations: tuple[Citation, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether there is a value within its bounds."""
        return self.value is not None and not self.reason


Purpose = Literal[
    "outcome", "side_effect", "question", "interim", "undo", "compensation", "inquiry"
]
"""Why a write is asked for: by the outcome, beside it, to ask a party, while the case waits (an
interim measure, what takes one back, or a reviewer's question), or to take back what a decision did
that was undone."""


class PlannedAction(Model):
    """One write that is asked for; all but interim measures are carried out after the gate only.

    Attributes:
        do: Name of the write tool, such as ``add_points``.
        purpose: Why it is asked for.
        name: The side effect, the interim measure or the factor that it belongs to, or empty.
        arguments: What it is called with, by name.
        lacks: Why it cannot be carried out as it stands, in plain words; empty where it can.
        undo: What takes an interim measure back; None for every other write.
        undoes: Key of the write that a compensation takes back; empty for every other.
        key: Idempotency key: a digest of the run, its decision and this action.
    """

    do: str
    purpose: Purpose = "outcome"
    name: str = ""
    arguments: dict[str, Any] = Field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    undo: PlannedAction | None = None
    undoes: str = ""
    key: Digest

    def renewed(self, turn: int) -> PlannedAction:
        """The same write for another turn of its run, whose key was never used.

        Args:
            turn: How often the run's decision was undone; 0 leaves the write as it is.
        """
        if not turn:
            return self
        return self.model_copy(update={"key": digest_of({"key": self.key, "turn": turn})})


WriteStatus = Literal["planned", "done", "refused", "failed", "withdrawn"]


class Enforced(Model):
    """How one write ended.

    Attributes:
        write: What was asked for.
        status: ``planned``: nothing was written; ``done``; ``refused``: the marketplace will not do
            it, or it cannot be sent as it stands; ``failed``: it may be tried again;
            ``withdrawn``: its decision was undone before it was sent.
        answer: What the marketplace answered.
        reason: Why it was refused or failed, as a short code or in plain words.
        remedy: What to do about it, or empty.
        at: When it ended; None while it is planned.
        due: Not to be sent before; None: it is in no outbox, since enforcement was off, or since
            it is sent as soon as it is asked for.
        retracted: Whether its decision was undone since. One that is still open then may have been
            done already: it is sent until that is known, and then taken back.
    """

    write: PlannedAction
    status: WriteStatus = "planned"
    answer: dict[str, Any] = Field(default_factory=dict)
    reason: str = ""
    remedy: str = ""
    at: Moment | None = None
    due: Moment | None = None
    retracted: bool = False

    @property
    def open(self) -> bool:
        """Whether it is still to be carried out, or to be tried again."""
        return self.status in ("planned", "failed")

    @property
    def pending(self) -> bool:
        """Whether it stands in the outbox."""
        return self.open and self.due is not None


DECIDED: frozenset[Purpose] = frozenset(("outcome", "side_effect", "question", "undo"))
"""Purposes of what a decision does once its gate has let it pass."""


def in_force(log: Iterable[Enforced]) -> dict[str, Enforced]:
    """The interim measures that were taken and not taken back, by name, of a run's log."""
    held: dict[str, Enforced] = {}
    for one in log:
        if one.status != "done":
            continue
        if one.write.purpose == "interim":
            held[one.write.name] = one
        elif one.write.purpose == "undo":
            held.pop(one.write.name, None)
    return held


def with_entry(log: Iterable[Enforced], entry: Enforced) -> tuple[Enforced, ...]:
    """The log with an entry at its end, or in place of the one of the same key."""
    kept = list(log)
    keys = [one.write.key for one in kept]
    if entry.write.key in keys:
        kept[keys.index(entry.write.key)] = entry
    else:
        kept.append(entry)
    return tuple(kept)
