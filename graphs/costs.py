"""What an ``sop.yaml`` says of what wrong decisions cost. Costs never change an outcome."""

from __future__ import annotations

from typing import Annotated, Final, Literal, NamedTuple

from pydantic import Field, model_validator

from casewright.models import ALWAYS_OUTCOMES, Model

Wrong = Literal["too harsh", "too lenient", "partly wrong"]
Cents = Annotated[int, Field(ge=0)]

REVIEW: Final = "review"


class Borne(Model):
    """What one wrong decision costs, in integer minor units (cents), by who bears it.

    Attributes:
        buyers: Buyers.
        seller: The seller.
        platform: The platform: refunds, re-work, churn, regulators.
    """

    buyers: Cents = 0
    seller: Cents = 0
    platform: Cents = 0

    @property
    def total(self) -> int:
        """What all of them bear."""
        return self.buyers + self.seller + self.platform


class PartlySpec(Borne):
    """A decision that is only partly wrong.

    Attributes:
        between: Pairs of outcomes; who decides one where the other is right is partly wrong.
    """

    between: Annotated[tuple[tuple[str, str], ...], Field(min_length=1)]


class RateSpec(Model):
    """Cents for a minute of those who decide what the graph leaves open (handbook 0.6).

    Attributes:
        review: A reviewer.
        senior: A senior reviewer.
        legal: Counsel.
    """

    review: Cents = 75
    senior: Cents = 120
    legal: Cents = 400


class Minded(NamedTuple):
    """How a decision is wrong, and what that costs."""

    kind: Wrong
    borne: Borne


class CostSpec(Model):
    """What decisions of an SOP cost where they are wrong, or left to a person.

    Attributes:
        currency: ISO 4217 code of all amounts.
        order: All outcomes of the SOP, from the mildest to the harshest for who is decided about.
        too_harsh: A decision further along ``order`` than the right one.
        too_lenient: A decision that comes before the right one.
        partly: Pairs between which a decision is partly wrong, whichever is right.
        minutes: Minutes of a person for a case that the graph leaves undecided.
        rates: What a minute costs, by the route.
    """

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    order: Annotated[tuple[str, ...], Field(min_length=1)]
    too_harsh: Borne
    too_lenient: Borne
    partly: PartlySpec | None = None
    minutes: int = Field(gt=0)
    rates: RateSpec = RateSpec()

    @model_validator(mode="after")
    def _ordered(self) -> CostSpec:
        if len(set(self.order)) < len(self.order):
            raise ValueError("an outcome is listed twice in `order`")
        pairs = () if self.partly is None else self.partly.between
        for pair in pairs:
            if not set(pair) <= set(self.order) or pair[0] == pair[1]:
                raise ValueError(f"`between` names two outcomes of `order`, not {list(pair)}")
        return self

    def wrong(self, gold: str, decided: str) -> Minded | None:
        """How a decision is wrong, and what it costs; None where it is right.

        Where the right end was a person or a question (``escalate``, ``request_information``), it
        stands in the middle: deciding for the harshest outcome is too harsh, for the mildest too
        lenient, for another one partly wrong, or too harsh where nothing is partly wrong.

        Raises:
            ValueError: ``decided`` is no outcome of ``order``, or ``gold`` is neither one nor a
                person's or a question's.
        """
        if gold == decided:
            return None
        place = self.order.index(decided)
        if gold in ALWAYS_OUTCOMES:
            return self._against_a_person(place)
        if self.partly and {gold, decided} in [set(pair) for pair in self.partly.between]:
            return Minded("partly wrong", self.partly)
        return self._beside(place - self.order.index(gold))

    def _beside(self, steps: int) -> Minded:
        if steps > 0:
            return Minded("too harsh", self.too_harsh)
        return Minded("too lenient", self.too_lenient)

    def _against_a_person(self, place: int) -> Minded:
        if place == 0 and len(self.order) > 1:
            return Minded("too lenient", self.too_lenient)
        if place < len(self.order) - 1 and self.partly:
            return Minded("partly wrong", self.partly)
        return Minded("too harsh", self.too_harsh)

    def undecided(self, route: str = REVIEW) -> int:
        """Cents that a case costs which the graph leaves to a person of that route.

        A route that has no rate of its own, such as that of a run that failed, is a reviewer's.
        """
        match route:
            case "senior":
                return self.minutes * self.rates.senior
            case "legal":
                return self.minutes * self.rates.legal
            case _:
                return self.minutes * self.rates.review
