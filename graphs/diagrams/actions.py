"""An SOP's actions as boxes in layers, with arrows from each to those that wait for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphs.diagrams.nodes import layers
from graphs.diagrams.svg import LINE, PAD, Canvas, columns
from graphs.sop import Sop

BOX = LINE + PAD
"""Height of a box with one line in px."""
REACH = 60
"""Room between two layers in px."""
STEP = BOX + 6
"""From one box to the next below it, in px."""

Slot = tuple[int, str]
"""A layer, and the action that stands there or whose arrows pass through it."""


@dataclass(frozen=True)
class _Place:
    """Where a slot lies: left edge, middle height and width, in px."""

    x: float
    middle: float
    width: float


def draw_actions(canvas: Canvas, x: float, y: float, sop: Sop) -> float:
    """Draw the actions from an upper left corner on, and return their lower edge in px.

    An arrow that leads past a layer has a slot of its own there: it never runs behind a box.
    """
    needs = {name: action.needs for name, action in sop.actions.items()}
    own = {name: rank for rank, names in enumerate(layers(needs)) for name in names}
    places = _places(needs, own, x, y)
    for name, needed in needs.items():
        for need in sorted(needed):
            way = [places[rank, need] for rank in range(own[need], own[name])]
            canvas.edge(_path([*way, places[own[name], name]]))
    for name, rank in own.items():
        place, required = places[rank, name], sop.actions[name].spec.required
        style = "action required" if required else "action"
        canvas.label(place.x, place.middle - BOX / 2, place.width, BOX, name, style)
    return max((place.middle for place in places.values()), default=y) + STEP / 2


def _places(
    needs: Mapping[str, frozenset[str]], own: Mapping[str, int], x: float, y: float
) -> dict[Slot, _Place]:
    """Every layer's actions from above to below, and under them the arrows that pass."""
    passing = {
        (rank, need): None
        for name, needed in needs.items()
        for need in sorted(needed)
        for rank in range(own[need] + 1, own[name])
    }
    found: dict[Slot, _Place] = {}
    for rank in range(max(own.values(), default=-1) + 1):
        standing = [name for name in needs if own[name] == rank]
        width = max(map(columns, standing)) + 2 * PAD
        slots = [*standing, *(need for at, need in passing if at == rank)]
        for index, name in enumerate(slots):
            found[rank, name] = _Place(x, y + index * STEP + BOX / 2, width)
        x += width + REACH
    return found


def _path(way: list[_Place]) -> str:
    return " ".join(_parts(way))


def _parts(way: list[_Place]) -> Iterator[str]:
    start, *rest = way
    x, y = start.x + start.width, start.middle
    yield f"M {x:g} {y:g}"
    for number, place in enumerate(rest, start=1):
        bend = x + REACH / 2
        yield f"C {bend:g} {y:g} {bend:g} {place.middle:g} {place.x:g} {place.middle:g}"
        x, y = place.x + place.width, place.middle
        if number < len(rest):
            yield f"H {x:g}"
