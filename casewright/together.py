"""What all calls of a run have in common, whoever makes them."""

from __future__ import annotations

from dataclasses import dataclass, field

from casewright.breaker import Breakers
from casewright.rate import Reserve
from casewright.signals import UNHEARD, Signals


@dataclass(frozen=True)
class Together:
    """Shared by the sources and the models of a run.

    Attributes:
        signals: Who is told how calls fare.
        breakers: Who is left alone for now.
        reserve: Where rates are reserved with other processes; None: this one has all of them.
    """

    signals: Signals = UNHEARD
    breakers: Breakers = field(default_factory=Breakers)
    reserve: Reserve | None = None
