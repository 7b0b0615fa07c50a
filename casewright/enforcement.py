"""Enforcement: what an outcome does to the world, with which parameters, and under which key."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from casewright.base import Digest, Model
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


class PlannedAction(Model):
    """One write that an outcome asks for; carried out after the gate only.

    Attributes:
        do: Name of the write tool, such as ``add_points``.
        arguments: What it is called with, by name.
        lacks: Why it cannot be carried out as it stands, in plain words; empty where it can.
        key: Idempotency key: a digest of the run, its decision and this action.
    """

    do: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    key: Digest
