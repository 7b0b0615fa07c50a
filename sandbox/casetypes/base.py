"""What a case type gives the world: its share of the cases and a way to plant their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sandbox.accounts import Sellers
from sandbox.casetypes.table import CauseTable
from sandbox.ids import Numbers
from sandbox.network import Watches
from sandbox.orders import OrderBatch
from sandbox.places import Places
from sandbox.sizes import Scale
from sandbox.streams import Ints
from sandbox.writer import WorldWriter

State = Literal["past", "open", "gold"]


@dataclass(frozen=True)
class Stage:
    """The world as it stands before cases are planted in it."""

    seed: int
    scale: Scale
    writer: WorldWriter
    numbers: Numbers
    places: Places
    sellers: Sellers
    background: OrderBatch


@dataclass(frozen=True)
class Slots:
    """Cases to fill, by time of opening: number, instant and state of each."""

    case_no: Ints
    opened_at: Ints
    state: tuple[State, ...]

    def __len__(self) -> int:
        return len(self.case_no)


@dataclass(frozen=True)
class Planted:
    """What planting leaves behind it.

    ``gold`` and ``causes`` are the lines of the files beside the world, one mapping a case;
    ``watches`` are the windows that the background must keep out of.
    """

    gold: Sequence[Mapping[str, Any]]
    causes: Sequence[Mapping[str, Any]]
    watches: Watches


class Plant(Protocol):
    """Writes every row of the cases of one type."""

    def __call__(self, stage: Stage, slots: Slots) -> Planted:
        """Write the rows of ``slots`` and return what is known of each case."""
        ...


@dataclass(frozen=True)
class CaseType:
    """One type of case.

    ``share`` is its part of all cases; ``orders_a_case`` about how many orders it plants for one.
    """

    name: str
    share: float
    orders_a_case: float
    table: CauseTable
    plant: Plant
