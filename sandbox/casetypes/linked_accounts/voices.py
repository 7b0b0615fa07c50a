"""What the sellers of linked-accounts cases answer and attach, and who tries to instruct."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.linked_accounts.plan import Plan
from sandbox.casetypes.voices import Voices, speak
from sandbox.ids import render
from sandbox.streams import Bools, Ints, lognormal, pick, whole
from sandbox.text.injections import injected
from sandbox.text.letters import draw_tone, one_of
from sandbox.text.names import firm, person
from sandbox.text.ties import DEEDS, NO_DEEDS, PAPERS, THEMES, write_answer
from sandbox.timeline import DAY

ASKED_FOR: Final = "permit"
AFTER_SANCTION: Final = 0.7
"""Part of the forged transfers that are dated after the sanction (handbook 5, Rows)."""

_LEANINGS: Final = {
    "household": (34, 20, 22, 24),
    "agency_or_3pl": (20, 32, 30, 18),
    "ex_staff": (22, 20, 20, 38),
}
_EVEN: Final = (25, 28, 24, 23)
"""Weights of the themes by cause; they only lean, so that words do not tell causes apart."""


def make_voices(plan: Plan, rng: np.random.Generator) -> Voices:
    """Write the answers to the notices."""
    words = np.clip(whole(lognormal(rng, 60, 0.6, len(plan))), 12, 300)
    hostile = injected(plan.fair, plan.opened_at, rng)

    def write(case: int) -> str:
        return _answer(plan, case, int(words[case]), rng)

    return speak(plan.language, hostile, ASKED_FOR, write, rng, papers=range(len(plan)))


def _answer(plan: Plan, case: int, words: int, rng: np.random.Generator) -> str:
    weights = np.array(_LEANINGS.get(plan.cause(case).name, _EVEN), dtype=np.float64)
    theme = THEMES[int(rng.choice(len(THEMES), p=weights / weights.sum()))]
    tone = draw_tone(plan.language[case], int(plan.opened_at[case]), words, rng)
    year = datetime.fromtimestamp(int(plan.issued_at[case]), UTC).year
    return write_answer(bool(plan.column("separate_people")[case]), theme, tone, year, rng)


def plant_papers(
    stage: Stage, plan: Plan, notice: Ints, voices: Voices, rng: np.random.Generator
) -> None:
    """Write the papers; every answer has one, and the first one is a deed where it was drawn."""
    count = len(plan)
    case = np.repeat(np.arange(count), 1 + rng.binomial(1, 0.4, count))
    first = np.append(True, case[1:] != case[:-1])
    deed = first & plan.column("transfer_proved")[case]
    like = first & ~deed & (rng.random(len(case)) < 0.2)
    other = pick(rng, tuple(PAPERS), (3, 2, 2, 3, 2), len(case))
    kinds = np.where(deed | like, "registration", np.array(other, dtype=object))
    moment = _deed_times(plan, rng)[case]
    no = stage.numbers.take("doc", len(case))
    texts = _texts(plan, case, kinds, deed, moment, rng)
    for row in np.flatnonzero(first).tolist():
        texts[row] += f"\n{extra}" if (extra := voices.in_documents.get(int(case[row]))) else ""
    stage.writer.add(
        "documents",
        {
            "document_no": no,
            "ref": [render("ntc", int(n)) for n in notice[case].tolist()],
            "kind": kinds,
            "issued_on": moment // DAY * DAY,
            "issuer_name": [""] * len(case),
            "party_name": [""] * len(case),
            "text": texts,
            "edited_after_issue": np.zeros(len(case), dtype=np.int64),
            "reused_by_sellers": np.ones(len(case), dtype=np.int64),
            "synthetic_score": np.round(np.minimum(rng.beta(1, 15, len(case)), 0.84), 3),
            "sha256": [hashlib.sha256(f"{stage.seed}/{n}".encode()).hexdigest() for n in no],
            "recorded_at": plan.responded_at[case],
        },
    )
    forged = deed & ~plan.fair[case]
    origin = np.where(forged, "forged", "genuine")
    stage.writer.add("hidden_documents", {"document_no": no, "true_origin": origin})


def _deed_times(plan: Plan, rng: np.random.Generator) -> Ints:
    """Days of transfer before the account was opened; forged ones mostly after the sanction."""
    count = len(plan)
    room = plan.registered_at - plan.sanctioned_at
    late = plan.column("peer_sanctioned") & ~plan.fair & (room > 2 * DAY)
    late &= rng.random(count) < AFTER_SANCTION
    between = plan.sanctioned_at + whole(rng.uniform(0.1, 0.8, count) * room)
    earlier = np.minimum(plan.registered_at, plan.sanctioned_at)
    return np.where(late, between, earlier - whole(rng.uniform(2, 35, count) * DAY))


def _texts(
    plan: Plan, case: Ints, kinds: Ints, deed: Bools, moment: Ints, rng: np.random.Generator
) -> list[str]:
    texts: list[str] = []
    for row, kind in enumerate(kinds.tolist()):
        country = plan.sellers.home_country[int(plan.seller[case[row]])]
        bank = (DEEDS if deed[row] else NO_DEEDS) if kind == "registration" else PAPERS[kind]
        day = datetime.fromtimestamp(int(moment[row]), UTC).strftime("%Y-%m-%d")
        names = {"a": person(country, rng), "b": firm(country, rng)}
        texts.append(one_of(bank, rng).format(date=day, **names))
    return texts
