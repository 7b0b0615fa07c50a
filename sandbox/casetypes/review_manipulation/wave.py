"""The reviews of each case: its window, the eight weeks before it, and the group's other shops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.review_manipulation.crowd import Crowd, Roles, cast
from sandbox.casetypes.review_manipulation.plan import BEFORE, Plan
from sandbox.reviews import Reviews, write_reviews
from sandbox.streams import Bools, Ints, whole
from sandbox.text.reviews import everyday_review
from sandbox.text.scripts import Line, draw_script, write_review
from sandbox.timeline import DAY, HOUR

_FIVE: Final = {"bought": (18.0, 2.0), "better_product": (14.0, 5.0), "other": (12.0, 4.0)}
_AT_ONCE: Final = {"bought": (6.0, 4.0), "honest": (2.0, 8.0)}
_NEAT: Final = {"machine": (6.0, 4.0), "people": (1.0, 9.0)}
_SPANISH: Final = {"MX": 0.85, "US": 0.08}
_PRAISED: Final = ("bought_group", "card_or_rebate", "message_deals", "rival_attack")
_SINKS: Final = 0.5
"""Share of rivals that sink the listing with bad reviews instead of framing it with good ones."""


class Wave:
    """Reviews that are gathered case by case and then written by time."""

    def __init__(self) -> None:
        self._columns: dict[str, list[Any]] = {}

    def add(self, count: int, **columns: Any) -> None:
        """Add ``count`` reviews; a value that is no list holds for each of them."""
        for name, values in columns.items():
            every = values if isinstance(values, list) else [values] * count
            self._columns.setdefault(name, []).extend(every)

    def write(self, stage: Stage) -> None:
        """Write the reviews under fresh numbers."""
        if not self._columns:
            return
        order = np.argsort(np.array(self._columns["posted_at"]), kind="stable").tolist()
        columns: dict[str, Any] = {
            name: [values[i] for i in order] for name, values in self._columns.items()
        }
        for name in ("listing_no", "buyer_no", "stars", "posted_at"):
            columns[name] = np.array(columns[name], dtype=np.int64)
        for name in ("verified", "bought"):
            columns[name] = np.array(columns[name], dtype=bool)
        write_reviews(stage.writer, Reviews(**columns), stage.numbers)


def plant_reviews(
    stage: Stage,
    plan: Plan,
    crowd: Crowd,
    listing: Ints,
    programme: Sequence[int | None],
    rng: np.random.Generator,
) -> None:
    """Write the reviews of all cases; ``programme`` is each listing's number, where it has one."""
    wave = Wave()
    for case in range(len(plan)):
        roles = cast(plan, crowd, case, rng)
        here = {"listing_no": int(listing[case])}
        marks = [programme[case] if marked else None for marked in roles.marked.tolist()]
        window = _window(stage, plan, case, roles, rng)
        wave.add(len(marks), **here, **window, programme_no=marks)
        before = _before(stage, plan, case, rng)
        wave.add(int(plan.n_before[case]), **here, **before, programme_no=None)
    wave.write(stage)


def _window(
    stage: Stage, plan: Plan, case: int, roles: Roles, rng: np.random.Generator
) -> dict[str, Any]:
    """Columns of the reviews of one case's window."""
    count, cause = int(plan.n_reviews[case]), plan.cause(case)
    stars = _stars(cause.name, count, rng)
    posted = rng.integers(plan.window_from[case], plan.window_to[case], count)
    at_once = rng.random(count) < rng.beta(*_AT_ONCE["honest" if cause.fair else "bought"])
    verified = at_once | roles.marked | (rng.random(count) < (0.85 if cause.fair else 0.7))
    anybody = rng.integers(1, stage.scale.buyers + 1, count)
    return {
        "buyer_no": np.where(roles.buyer > 0, roles.buyer, anybody).tolist(),
        "stars": stars.tolist(),
        "posted_at": posted.tolist(),
        "delivered_at": _arrivals(posted, at_once, verified, rng),
        "verified": verified.tolist(),
        "bought": ((roles.buyer > 0) | (not cause.fair)).tolist(),
        **_told(stage, plan, case, roles, stars, rng),
    }


def _stars(cause: str, count: int, rng: np.random.Generator) -> Ints:
    """Stars of one window: mostly five, or mostly one where a rival wants to sink a listing."""
    kind = "bought" if cause in _PRAISED else cause if cause in _FIVE else "other"
    sinks = cause == "rival_attack" and rng.random() < _SINKS
    rest = 1 + rng.choice(4, size=count, p=(0.2, 0.15, 0.25, 0.4))
    return np.where(rng.random(count) < rng.beta(*_FIVE[kind]), 1 if sinks else 5, rest)


def _arrivals(
    posted: Ints, at_once: Bools, verified: Bools, rng: np.random.Generator
) -> list[int | None]:
    """When each item arrived, where the purchase is verified: within a day before, or earlier."""
    count = len(posted)
    soon = rng.integers(HOUR, 23 * HOUR, count)
    later = whole(rng.uniform(1.2, 20, count) * DAY)
    arrived = (posted - np.where(at_once, soon, later)).tolist()
    return [at if known else None for at, known in zip(arrived, verified.tolist(), strict=True)]


def _told(
    stage: Stage, plan: Plan, case: int, roles: Roles, stars: Ints, rng: np.random.Generator
) -> dict[str, list[Any]]:
    """Topic, language, script and text of each review of one window."""
    count = len(stars)
    machine = plan.cause(case).name == "written_to_order"
    spanish = rng.random(count) < _SPANISH.get(plan.region[case], 0.0)
    neat = rng.random(count) < rng.beta(*_NEAT["machine" if machine else "people"])
    numbers = [None, *stage.numbers.take("scr", 2).tolist()]
    scripts = [None, draw_script(rng), draw_script(rng)]
    lines = [
        Line(
            topic=(plan.old_topic if roles.astray[place] else plan.topic)[case],
            stars=int(stars[place]),
            language="es" if spanish[place] else "en",
            using=bool(roles.using[place]),
            neat=bool(neat[place]),
            script=scripts[roles.script[place]],
        )
        for place in range(count)
    ]
    return {
        "topic": [line.topic for line in lines],
        "language": [line.language for line in lines],
        "text": [write_review(line, rng) for line in lines],
        "script_no": [numbers[which] for which in roles.script.tolist()],
    }


def _before(stage: Stage, plan: Plan, case: int, rng: np.random.Generator) -> dict[str, Any]:
    """Columns of the reviews of the eight weeks before; they are about what was on offer then."""
    count, end = int(plan.n_before[case]), int(plan.window_from[case])
    stars = 1 + rng.choice(5, size=count, p=(0.06, 0.05, 0.1, 0.25, 0.54))
    posted = rng.integers(end - BEFORE * DAY, end, count)
    topic = (plan.old_topic if plan.column("repurposed")[case] else plan.topic)[case]
    language = "es" if plan.region[case] == "MX" else "en"
    return {
        "buyer_no": rng.integers(1, stage.scale.buyers + 1, count).tolist(),
        "stars": stars.tolist(),
        "posted_at": posted.tolist(),
        "delivered_at": (posted - rng.integers(DAY, 20 * DAY, count)).tolist(),
        "verified": True,
        "bought": False,
        "topic": topic,
        "language": language,
        "text": [everyday_review(topic, star, language, rng) for star in stars.tolist()],
        "script_no": None,
    }


def plant_elsewhere(
    stage: Stage, plan: Plan, crowd: Crowd, shops: Sequence[Sequence[int]], rng: np.random.Generator
) -> None:
    """Write what each group reviewed in other shops; ``shops`` are listing numbers by case."""
    wave = Wave()
    for case, listings in enumerate(shops):
        ring = crowd.ring[case]
        for listing in listings:
            members = ring[rng.random(len(ring)) < 0.7].tolist()
            wave.add(len(members), listing_no=listing, **_praise(plan, case, members, rng))
    wave.write(stage)


def _praise(plan: Plan, case: int, members: list[int], rng: np.random.Generator) -> dict[str, Any]:
    count, end, topic = len(members), int(plan.window_from[case]), plan.topic[case]
    posted = rng.integers(end - 40 * DAY, end, count)
    return {
        "buyer_no": members,
        "stars": 5,
        "posted_at": posted.tolist(),
        "delivered_at": (posted - rng.integers(HOUR, 4 * DAY, count)).tolist(),
        "verified": True,
        "bought": True,
        "topic": topic,
        "language": "en",
        "text": [everyday_review(topic, 5, "en", rng) for _ in members],
    }
