"""Draws the gold cases that a procedure is kept with from simulated worlds, and writes them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from io import StringIO
from itertools import zip_longest

from casewright.models import GoldCase

HARD = "looks-"
"""Beginning of the tags of hard cases: honest but looks bad, dishonest but looks clean."""


def draw_gold(cases: Iterable[GoldCase], count: int) -> tuple[GoldCase, ...]:
    """Draw ``count`` cases evenly over their right outcomes, every other one a hard one.

    The draw depends on the cases alone: the same worlds give the same cases. Where an outcome has
    too few, the others fill up.

    Args:
        cases: Gold cases of one type, from any number of worlds.
        count: How many to draw; fewer where there are fewer.

    Returns:
        The cases by world and id.
    """
    strata: dict[str, list[GoldCase]] = defaultdict(list)
    for case in sorted(cases, key=_shuffled):
        strata[case.outcome].append(case)
    queues = [_hard_ones_between(strata[outcome]) for outcome in sorted(strata)]
    drawn = [case for layer in zip_longest(*queues) for case in layer if case is not None][:count]
    return tuple(sorted(drawn, key=lambda case: (case.seed or 0, case.case_id)))


def _shuffled(case: GoldCase) -> str:
    return hashlib.sha256(f"{case.seed}/{case.case_id}".encode()).hexdigest()


def _hard_ones_between(cases: Sequence[GoldCase]) -> list[GoldCase]:
    hard = [case for case in cases if _hard(case)]
    plain = [case for case in cases if not _hard(case)]
    return [case for pair in zip_longest(hard, plain) for case in pair if case is not None]


def _hard(case: GoldCase) -> bool:
    return any(tag.startswith(HARD) for tag in case.tags)


def gold_yaml(cases: Sequence[GoldCase], factors: Collection[str] | None = None) -> str:
    """The text of a ``gold.yaml``.

    Args:
        cases: What to write.
        factors: The procedure's factors; facts of other names are left out. None: all facts stay.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    yaml, rows, text = YAML(), CommentedSeq(), StringIO()
    yaml.width = 96
    for case in cases:
        row = CommentedMap(case.model_dump(mode="json", exclude_defaults=True))
        kept = {n: v for n, v in case.facts.items() if factors is None or n in factors}
        row["facts"] = CommentedMap(kept)
        for name in ("facts", "ask", "tags", "accept", "key_factors", "actions"):
            if row.get(name):
                row[name] = _flow(row[name])
            else:
                row.pop(name, None)
        rows.append(row)
    yaml.dump(rows, text)
    return text.getvalue()


def _flow(part: object) -> object:
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    made = part if isinstance(part, CommentedMap) else CommentedSeq(part)
    made.fa.set_flow_style()
    return made
