"""An SOP's state machine as a picture: each node, and what of the SOP it carries out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from graphs.consequences import NOTHING
from graphs.diagrams.actions import BOX, draw_actions
from graphs.diagrams.nodes import BACK, nodes_of, rules_of
from graphs.diagrams.path import STYLE, Path
from graphs.diagrams.svg import EDGE, LINE, PAD, Canvas, columns, wrapped
from graphs.sop import FactorRule, Sop

LANES = 190
"""Room to the left of the nodes in px, for the edges that lead back."""
NODE_WIDTH, NODE_HEIGHT = 90, 28
PANEL = LANES + NODE_WIDTH + 24
"""Left edge of what a node carries out, in px."""
LANE = 12
"""Room from one lane to the next in px."""
GAP = 18
"""Room between one node and the next in px."""
LIMIT = 84
"""Most columns of text in a line beside a node."""

Drawer = Callable[[Canvas, float], float]
"""Draws beside a node from an upper edge on, and returns the lower edge."""


def machine_svg(sop: Sop, path: Path | None = None) -> str:
    """The state machine as SVG: the compiled graph's nodes from top to bottom.

    Beside ``gather`` stand the actions, each to the right of those it waits for; beside ``assess``
    and ``read`` the factors with the actions they rest on; beside ``decide`` what the table asks
    for. To the left are the ways back that a reviewer may take.

    Args:
        sop: The procedure.
        path: The way that a case took, to be marked; None: no case.
    """
    canvas = Canvas(f"{sop.spec.title}: state machine", STYLE if path else "")
    canvas.text(EDGE, 20, f"{sop.name}@{sop.spec.version}", "bold")
    canvas.text(EDGE, 36, sop.spec.title, "quiet")
    beside = _beside(sop)
    middles: dict[str, float] = {}
    y = 56.0
    for name in nodes_of(sop):
        if middles:
            above = list(middles.values())[-1] + NODE_HEIGHT / 2
            canvas.edge(f"M {LANES + NODE_WIDTH / 2:g} {above:g} V {y:g}")
        told, style = path.node(name) if path else (name, "node")
        canvas.label(LANES, y, NODE_WIDTH, NODE_HEIGHT, told, style)
        middles[name] = y + NODE_HEIGHT / 2
        lower = beside[name](canvas, y) if name in beside else y
        y = max(lower, y + NODE_HEIGHT) + GAP
    _ways_back(canvas, middles, path)
    return canvas.svg()


def _ways_back(canvas: Canvas, middles: Mapping[str, float], path: Path | None) -> None:
    """The nearer the node that is gone back to, the nearer the lane."""
    nearest = sorted(BACK.items(), key=lambda way: -middles[way[0][1]])
    for number, (way, told) in enumerate(nearest):
        source, target = way
        style = "edge taken" if path and way in path.back else "edge"
        lane = EDGE + LANE * (len(nearest) - number)
        start, end = middles[source] + LANE / 2 * (number - 1), middles[target]
        canvas.edge(f"M {LANES} {start:g} H {lane} V {end:g} H {LANES}", style)
        canvas.text(lane + PAD / 2, end - LINE / 2, told, "quiet")


def _beside(sop: Sop) -> dict[str, Drawer]:
    sums = [
        *(f"score {name}" for name in sop.spec.scores),
        *(f"classes {name}" for name in sop.spec.classifications),
        *(f"tiers {name}" for name in sop.spec.tiers),
    ]
    rows = f"{len(sop.rows)} rows, hit policy {sop.spec.decision.hit_policy}"
    spec, gate = sop.spec, sop.spec.gate
    passing = gate.auto.when if gate.auto != "never" else None
    raised = {"automatic": passing, "senior": gate.senior_if, "legal": gate.legal_if}
    return {
        "intake": _lines([sop.spec.case_type]),
        "gather": lambda canvas, y: draw_actions(canvas, PANEL, y, sop),
        "assess": _factors(rules_of(sop), "factor"),
        "read": _factors(sop.questions, "question"),
        "decide": _lines([", ".join((rows, *sums))]),
        "route": _lines([f"{route} if {text}" for route, text in raised.items() if text]),
        "interim": _lines([f"{name} if {one.condition}" for name, one in spec.interim.items()]),
        "record": lambda canvas, y: _outcomes(canvas, y, sop.outcomes),
        "enforce": _lines(_writes(sop)),
    }


def _writes(sop: Sop) -> Iterable[str]:
    for outcome in sop.outcomes:
        follows = sop.consequences.get(outcome, NOTHING)
        done = [step.tool.name for step in follows.enforce]
        done += [one.step.tool.name for one in sop.side_effects if outcome in one.on]
        if done:
            yield f"{outcome}: {', '.join(done)}"


def _lines(texts: Iterable[str]) -> Drawer:
    lines = [line for text in texts for line in wrapped(text, LIMIT)]

    def drawn(canvas: Canvas, y: float) -> float:
        for index, line in enumerate(lines):
            canvas.text(PANEL, y + NODE_HEIGHT / 2 + LINE * index, line)
        return y + LINE * len(lines) + PAD

    return drawn


def _factors(factors: Iterable[FactorRule], style: str) -> Drawer:
    found = tuple(factors)

    def drawn(canvas: Canvas, y: float) -> float:
        width = max((columns(one.name) for one in found), default=0) + 2 * PAD
        for index, factor in enumerate(found):
            top = y + index * (BOX + 4)
            canvas.label(PANEL, top, width, BOX, factor.name, style)
            rests = ", ".join(sorted(factor.needs))
            if rests:
                canvas.text(PANEL + width + PAD, top + BOX / 2, f"from {rests}", "quiet")
        return y + len(found) * (BOX + 4)

    return drawn


def _outcomes(canvas: Canvas, y: float, outcomes: Iterable[str]) -> float:
    left = float(PANEL)
    for name in outcomes:
        width = columns(name) + 2 * PAD
        canvas.label(left, y + 2, width, BOX, name, "outcome")
        left += width + PAD
    return y + NODE_HEIGHT
