"""Enforcement: what an outcome does to the world, with which parameters, and under which key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from casewright.base import Digest, Model, Moment
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


Purpose = Literal["outcome", "side_effect", "question", "interim", "undo", "inquiry"]
"""Why a write is asked for: by the outcome, beside it, to ask a party, or while the case waits (an
interim measure, what takes one back, or a reviewer's question)."""


class PlannedAction(Model):
    """One write that is asked for; all but interim measures are carried out after the gate only.

    Attributes:
        do: Name of the write tool, such as ``add_points``.
        purpose: Why it is asked for.
        name: The side effect, the interim measure or the factor that it belongs to, or empty.
        arguments: What it is called with, by name.
        lacks: Why it cannot be carried out as it stands, in plain words; empty where it can.
        undo: What takes an interim measure back; None for every other write.
        key: Idempotency key: a digest of the run, its decision and this action.
    """

    do: str
    purpose: Purpose = "outcome"
    name: str = ""
    arguments: dict[str, Any] = Field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    undo: PlannedAction | None = None
    key: Digest


WriteStatus = Literal["planned", "done", "refused", "failed"]


class Enforced(Model):
    """How one write ended.

    Attributes:
        write: What was asked for.
        status: ``planned``: nothing was written; ``done``; ``refused``: the marketplace will not do
            it, or it cannot be sent as it stands; ``failed``: it may be tried again.
        answer: What the marketplace answered.
        reason: Why it was refused or failed, as a short code or in plain words.
        remedy: What to do about it, or empty.
        at: When it ended; None while it is planned.
    """

    write: PlannedAction
    status: WriteStatus = "planned"
    answer: dict[str, Any] = Field(default_factory=dict)
    reason: str = ""
    remedy: str = ""
    at: Moment | None = None

    @property
    def open(self) -> bool:
        """Whether it is still to be carried out, or to be tried again."""
        return self.status in ("planned", "failed")


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
