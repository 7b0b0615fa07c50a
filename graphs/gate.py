"""What an ``sop.yaml`` says of its gate: who must look, by when, and what is looked at again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from casewright.models import Model
from graphs.words import ExpressionText

Channel = Literal["batch", "appeal", "on-call", "regulatory"]
Within = Annotated[str, Field(pattern=r"^[1-9]\d{0,3}(m|h|d|wd)$")]
"""A time to decide: minutes, hours, days, or working days (``5wd``)."""

Share = Annotated[float, Field(ge=0, le=1)]

FourEyes = Literal["appeals", "matter", "party"]
"""Who is barred from deciding. ``appeals``: who decided what is appealed against, or the first
appeal about the same thing, or handled the matter at a lower level (handbook 12 and APL-1.2);
``matter``: who acted on any other case about the same thing as well; ``party``: or of the same
seller."""


class AutoSpec(Model):
    """When a decision may pass without a person.

    Attributes:
        when: Expression over the case and the evidence; it has to be known to hold.
    """

    when: ExpressionText


class SamplingSpec(Model):
    """Which shares of decisions are drawn for a second look (defaults: handbook 12).

    Attributes:
        automatic: Of those that passed automatically.
        approved: Of those that a person approved.
        first: How many of the first automatic decisions of a graph version are all drawn.
    """

    automatic: Share = 0.10
    approved: Share = 0.05
    first: int = Field(default=200, ge=0)


class DueSpec(Model):
    """One line of the table of times: cases of an impact below ``under`` are due ``within``.

    Attributes:
        under: Impact in integer cents; none: all the others.
        within: From when the case opened on.
    """

    under: int | None = Field(default=None, gt=0)
    within: Within


class GateSpec(Model):
    """Who must look, beyond what the row says; it can only raise the route.

    Attributes:
        auto: ``never``: every decision waits for a person; or when one may pass without.
        auto_outcomes: The outcomes that may pass without a person.
        stability_floor: With fewer facts that must flip to change the outcome, a person looks.
        senior_if: Expression over the case and the evidence; true raises to ``senior``.
        legal_if: Likewise to ``legal``.
        sampling: What is drawn for a second look.
        four_eyes: Who may not decide, for what they did before; never less than ``appeals``.
        sla: Times to decide by channel; channels that are not named keep the default ones.
    """

    auto: Literal["never"] | AutoSpec = "never"
    auto_outcomes: tuple[str, ...] = ()
    stability_floor: int = Field(default=2, ge=1)
    senior_if: ExpressionText | None = None
    legal_if: ExpressionText | None = None
    sampling: SamplingSpec = SamplingSpec()
    four_eyes: FourEyes = "appeals"
    sla: dict[Channel, tuple[DueSpec, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> GateSpec:
        if isinstance(self.auto, AutoSpec) != bool(self.auto_outcomes):
            raise ValueError("`auto: {when: …}` and `auto_outcomes` go together")
        for channel, lines in self.sla.items():
            bounds = [line.under for line in lines]
            if not bounds or bounds[-1] is not None or None in bounds[:-1]:
                raise ValueError(f"the last line of sla.{channel}, and it alone, has no `under`")
            numbers = [bound for bound in bounds if bound is not None]
            if numbers != sorted(set(numbers)):
                raise ValueError(f"the lines of sla.{channel} rise by `under`")
        return self


_BY_IMPACT = (
    DueSpec(under=50_000, within="72h"),
    DueSpec(under=500_000, within="48h"),
    DueSpec(within="24h"),
)
DEFAULT_SLA: Mapping[Channel, tuple[DueSpec, ...]] = {
    "batch": _BY_IMPACT,
    "appeal": _BY_IMPACT,
    "on-call": (DueSpec(within="24h"),),
    "regulatory": (DueSpec(within="5wd"),),
}
"""Times to decide by channel and impact (handbook 12, Queues)."""
