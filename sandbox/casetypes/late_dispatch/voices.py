"""What the sellers of late-dispatch cases write, and where some try to instruct the reviewer."""

from __future__ import annotations

import numpy as np

from sandbox.casetypes.late_dispatch.cited import Cited
from sandbox.casetypes.late_dispatch.plan import Plan
from sandbox.casetypes.voices import Voices, speak
from sandbox.ids import render
from sandbox.streams import Ints, lognormal, whole
from sandbox.text.injections import injected
from sandbox.text.letters import MIXED_SHARE, draw_style
from sandbox.text.statements import Facts, write_statement


def make_voices(plan: Plan, cited: Cited, papers: set[int], rng: np.random.Generator) -> Voices:
    """Write the statements.

    Args:
        plan: Frames of the cases.
        cited: Their orders.
        papers: Cases that attach a document.
        rng: Source of randomness.
    """
    words = _lengths(plan, rng)
    hostile = injected(plan.fair, plan.opened_at, rng)

    def write(case: int) -> str:
        return write_statement(_facts(plan, cited, case, int(words[case]), rng), rng)

    return speak(plan.language, hostile, "overturn", write, rng, papers=papers)


def _lengths(plan: Plan, rng: np.random.Generator) -> Ints:
    """Words to aim at: LN(70, .7), of those who lie LN(160, .5) (handbook 1, Rows)."""
    count = len(plan)
    lying = np.array([plan.cause(i).name == "slow_lies" for i in range(count)], dtype=bool)
    long = lognormal(rng, 160, 0.5, count)
    usual = lognormal(rng, 70, 0.7, count)
    return np.clip(whole(np.where(lying, long, usual)), 10, 400)


def _facts(plan: Plan, cited: Cited, case: int, words: int, rng: np.random.Generator) -> Facts:
    language = plan.language[case]
    return Facts(
        order=render("ord", int(cited.batch.no[case])),
        carrier=plan.carrier[case],
        language=language,
        mixed=language != "en" and rng.random() < MIXED_SHARE,
        style=draw_style(int(plan.opened_at[case]), rng),
        words=words,
        blames=bool(plan.column("blames_carrier")[case]),
        contradicts=bool(plan.column("statement_contradicts_scans")[case]),
        close=bool(plan.near[case]),
        first_scan=int(plan.first_at[case]),
    )
