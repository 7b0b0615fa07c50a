"""Writes the cases themselves, and what is known of each in the files beside the world."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.frame import Frame
from sandbox.casetypes.noted import note_facts, reversals
from sandbox.casetypes.verdicts import Verdicts
from sandbox.ids import render
from sandbox.streams import Ints
from sandbox.timeline import HOUR, rfc3339
from sandbox.writer import optional

FIRST_LOOK: Final = 48 * HOUR
"""How long after a gold case opened it is judged."""


@dataclass(frozen=True)
class CaseRecords:
    """What the cases of one type say, as parallel lists.

    ``subject`` are ids by name; ``impact_cents`` integer cents in the seller's currency; ``text``
    the subject line, often empty; ``situation`` a past reviewer's note of the observables.
    """

    case_type: str
    subject: Sequence[Mapping[str, str]]
    impact_cents: Ints
    text: Sequence[str]
    situation: Sequence[str]


def write_cases(
    stage: Stage,
    frame: Frame,
    records: CaseRecords,
    verdicts: Verdicts,
    rng: np.random.Generator,
) -> None:
    """Write the cases: closed ones with what was found, listed open ones, unlisted gold ones."""
    past, count = frame.past, len(frame)
    reviewers = [f"reviewer-{n}" for n in rng.integers(1, 41, count).tolist()]
    stage.writer.add(
        "cases",
        {
            "case_no": frame.slots.case_no,
            "case_type": [records.case_type] * count,
            "status": np.where(past, "closed", "open"),
            "listed": [int(state != "gold") for state in frame.slots.state],
            "subject": [json.dumps(dict(ids)) for ids in records.subject],
            "seller_no": frame.seller + 1,
            "region": frame.region,
            "channel": frame.channel,
            "language": frame.language,
            "opened_at": frame.opened_at,
            "impact_cents": records.impact_cents,
            "currency": [stage.sellers.currency[i] for i in frame.seller.tolist()],
            "text": records.text,
            "closed_at": optional(verdicts.closed_at, past),
            "outcome": [word or None for word in verdicts.outcome],
            "decided_by": optional(reviewers, past),
            "situation": optional(records.situation, past),
            "facts": note_facts(stage.seed, records.case_type, frame),
            "overturned_at": reversals(stage.seed, records.case_type, frame, verdicts.closed_at),
        },
    )


def withhold(stage: Stage, refs: Sequence[str], action: str) -> None:
    """Record that the first look at each of ``refs`` does not get what ``action`` asks for."""
    stage.writer.add("withheld", {"ref": refs, "action": [action] * len(refs)})


def gold_lines(
    frame: Frame, case_type: str, right: Sequence[str], asks: Sequence[Sequence[str]]
) -> list[Mapping[str, Any]]:
    """What evaluation may know of the gold cases; the graph never sees it.

    Args:
        frame: The cases.
        case_type: Their type.
        right: The right outcome of each.
        asks: Actions of each whose record was withheld.
    """
    return [
        {
            "case_id": render("case", int(frame.slots.case_no[i])),
            "case_type": case_type,
            "outcome": right[i],
            "ask": list(asks[i]),
            "as_of": rfc3339(int(frame.opened_at[i]) + FIRST_LOOK),
            "seller_id": render("sel", int(frame.seller[i]) + 1),
            "region": frame.region[i],
            "channel": frame.channel[i],
            "language": frame.language[i],
            "facts": {name: bool(frame.column(name)[i]) for name in frame.table.flags()},
            "tags": _tags(frame, i),
            "truth": "simulation",
        }
        for i, state in enumerate(frame.slots.state)
        if state == "gold"
    ]


def _tags(frame: Frame, case: int) -> list[str]:
    looks = frame.cause(case).looks
    return [*([f"looks-{looks}"] if looks else []), *(["near"] if frame.near[case] else [])]


def cause_lines(
    frame: Frame,
    case_type: str,
    right: Sequence[str],
    injected: Sequence[bool],
    asks: Sequence[Sequence[str]],
    **more: Sequence[Any],
) -> list[Mapping[str, Any]]:
    """What only the generator knows of every case.

    Args:
        frame: The cases.
        case_type: Their type.
        right: The right outcome of each.
        injected: Whose text tries to instruct whoever decides.
        asks: Actions of each whose record was withheld.
        more: Further values by name, one a case.
    """
    return [
        {
            "case_id": render("case", int(frame.slots.case_no[i])),
            "case_type": case_type,
            "state": frame.slots.state[i],
            "cause": frame.cause(i).name,
            "right": right[i],
            "near": bool(frame.near[i]),
            "injected": bool(injected[i]),
            "withheld": list(asks[i]),
            **{name: values[i] for name, values in more.items()},
            "columns": _columns(frame, i),
        }
        for i in range(len(frame))
    ]


def _columns(frame: Frame, case: int) -> dict[str, bool | float]:
    flags = set(frame.table.flags())
    return {
        name: bool(values[case] > 0.5) if name in flags else round(float(values[case]), 3)
        for name, values in frame.drawn.columns.items()
    }
