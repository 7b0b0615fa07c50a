"""Releases: which version of a procedure may run, on which cases, and who let it.

The log only ever grows. What stands now follows from its entries, oldest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field, model_validator

from casewright.base import Model, Moment

Stage = Literal["shadow", "canary", "production"]
"""Beside production and without effect; on a share of the cases; on all the others."""

Kind = Literal["promoted", "rolled back"]

STAGES: tuple[Stage, ...] = ("shadow", "canary", "production")


class Release(Model):
    """One entry of the log.

    Attributes:
        sop: Name of the SOP.
        case_type: Which cases it decides.
        version: ``sop@number+digest``: what was promoted, or what was taken out.
        kind: Whether it was promoted to the stage or taken out of it.
        stage: Which.
        share: For a canary the share of the cases that it decides, else None.
        author: Who did it, as the team knows them.
        at: When.
        why: Their reason.
        report: SHA-256 of the report that it was promoted with, in hex; empty for a rollback.
        gate: SHA-256 over the gate that the report passed, in hex; likewise.
        figures: Key figures of that report, by name.
        made_of: What the version's digest covers, part by part: tells later what has changed.
    """

    sop: str = Field(min_length=1)
    case_type: str
    version: str = Field(min_length=1)
    kind: Kind
    stage: Stage
    share: float | None = Field(default=None, gt=0, lt=1)
    author: str = Field(min_length=1)
    at: Moment
    why: str = Field(min_length=1)
    report: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    gate: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    figures: Mapping[str, float] = Field(default_factory=dict)
    made_of: Mapping[str, str] = Field(default_factory=dict)

    @property
    def told(self) -> str:
        """Number and digest of the version, and a canary's share."""
        share = f" ({self.share:.0%})" if self.share else ""
        return f"{self.version.partition('@')[2]}{share}"

    @model_validator(mode="after")
    def _whole(self) -> Release:
        if self.kind == "promoted" and not self.report:
            raise ValueError("nothing is promoted without a report")
        if (self.share is not None) != (self.stage == "canary" and self.kind == "promoted"):
            raise ValueError("a canary, and it alone, has a share")
        return self


class Standing(Model):
    """What stands now for one SOP.

    Attributes:
        production: The release whose version decides; None: the SOP's folder does.
        canary: The one that decides a share of the cases, or None.
        shadow: The one that runs beside them, or None.
        before: Versions that were in production before, oldest first: where a rollback leads.
    """

    production: Release | None = None
    canary: Release | None = None
    shadow: Release | None = None
    before: tuple[str, ...] = ()

    def at(self, stage: Stage) -> Release | None:
        """What stands at a stage."""
        return {"production": self.production, "canary": self.canary, "shadow": self.shadow}[stage]

    @property
    def told(self) -> str:
        """All of it in one line, such as ``production 1+ab, canary 2+cd (10%)``."""
        return ", ".join(f"{one.stage} {one.told}" for one in self.releases)

    @property
    def stages(self) -> str:
        """The stages at which something stands, such as ``production, canary (10%)``."""
        told = (one.stage + (f" ({one.share:.0%})" if one.share else "") for one in self.releases)
        return ", ".join(told)

    @property
    def releases(self) -> tuple[Release, ...]:
        """All that stand, production first."""
        found = (self.production, self.canary, self.shadow)
        return tuple(one for one in found if one is not None)


def standing_of(entries: Iterable[Release]) -> Standing:
    """What the entries of one SOP, oldest first, leave standing.

    A version stands at one stage: promoting it to the next takes it out of the one before. Rolling
    production back leads to the version before; taking out what no longer stands changes nothing,
    so that two people who roll back at once do it once.
    """
    production: list[Release] = []
    others: dict[Stage, Release] = {}
    for one in entries:
        if one.kind == "rolled back":
            _take_out(one, production, others)
            continue
        others = {stage: other for stage, other in others.items() if other.version != one.version}
        if one.stage != "production":
            others[one.stage] = one
        elif production and production[-1].version == one.version:
            production[-1] = one
        else:
            production.append(one)
    if production:  # what decides all the cases cannot stand beside itself
        others = {
            stage: other
            for stage, other in others.items()
            if other.version != production[-1].version
        }
    return Standing(
        production=production[-1] if production else None,
        canary=others.get("canary"),
        shadow=others.get("shadow"),
        before=tuple(one.version for one in production[:-1]),
    )


def _take_out(one: Release, production: list[Release], others: dict[Stage, Release]) -> None:
    if one.stage == "production":
        if production and production[-1].version == one.version:
            production.pop()
    elif one.stage in others and others[one.stage].version == one.version:
        del others[one.stage]
