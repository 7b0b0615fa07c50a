"""Tries a procedure on gold cases: its rules and its table, without model, store or gate.

Evidence is gathered once from the source. What people would read in the texts is taken from the
gold case, and only where the text is there: a trial tests the procedure, not the reader. The right
outcome is compared afterwards and never seen by what decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from casewright.clock import utc_now
from casewright.models import REQUEST_INFORMATION, Cost, Decision, Factor, GoldCase, Model
from casewright.settings import Settings
from graphs.assess import assess
from graphs.decide import Given, decide
from graphs.examples import example_problems
from graphs.facts import Facts, freeze_case
from graphs.gather import Gathering
from graphs.read import open_questions
from graphs.sentence import spell
from graphs.sop import Sop
from tools.inbox import get_case
from tools.named import inbox_of, source_of
from tools.toolbox import Toolbox
from tools.workspace import open_tools

IN_FLIGHT = 8
"""Cases gathered at a time."""


@dataclass(frozen=True)
class Gathered:
    """A gold case and the evidence that the SOP's actions brought."""

    gold: GoldCase
    facts: Facts


class Trial(Model):
    """What the procedure made of one gold case or inline example.

    Attributes:
        name: The case's id, or the example's name.
        seed: The simulated world of the case, or None.
        expected: The right outcome.
        decided: What the procedure decided.
        row: The deciding row, 0 where none did.
        right: Whether that is the right outcome, or asks for a record that was withheld.
        known: Whether the gold file writes this very miss down.
        problems: What is not as the gold file says; nothing where the trial passed.
    """

    name: str
    seed: int | None = None
    expected: str
    decided: str
    row: int = 0
    right: bool
    known: bool = False
    problems: tuple[str, ...] = ()


async def gather_all(
    sop: Sop,
    gold: Sequence[GoldCase],
    settings: Settings,
    *,
    workspace: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[Gathered, ...]:
    """Run the SOP's actions for every gold case, as of the gold case's moment.

    Args:
        sop: The procedure.
        gold: The cases, all at the source of ``settings``.
        settings: Where the source is.
        workspace: A folder with more tools, or None.
        progress: Called with how many are done after every case.

    Raises:
        SourceError: the source fails or refuses us.
    """
    done: list[GoldCase] = []
    gate = asyncio.Semaphore(IN_FLIGHT)
    async with (
        open_tools(settings, workspace) as tools,
        source_of(settings) as source,
    ):
        toolbox = Toolbox(tools, source, utc_now)
        inbox = inbox_of(settings, source)

        async def one(case: GoldCase) -> Gathered:
            async with gate:
                entered = await get_case(inbox, case.case_id)
                frozen = freeze_case(entered, as_of=case.as_of, at=utc_now())
                facts = await Gathering(sop, frozen, toolbox, case.as_of).run()
            done.append(case)
            if progress is not None:
                progress(len(done))
            return Gathered(case, facts)

        return tuple(await asyncio.gather(*map(one, gold)))


def try_gold(sop: Sop, gathered: Gathered) -> Trial:
    """Let the procedure decide a gold case on its evidence.

    Args:
        sop: The procedure, or a variant of the one that the evidence was gathered for.
        gathered: The case and its evidence.

    Raises:
        ExpressionError: a rule compares what cannot be compared.
    """
    gold, held = gathered.gold, gathered.facts
    facts = Facts(sop, held.case, held.records, held.evidence)
    factors = _read_by_a_person(facts, assess(facts), gold)
    decision = decide(facts, Given(factors, None, Cost(), "trial"))
    right = decision.outcome == gold.outcome or _asks_rightly(gold, decision)
    return Trial(
        name=gold.case_id,
        seed=gold.seed,
        expected=gold.outcome,
        decided=decision.outcome,
        row=decision.row,
        right=right,
        known=not right and decision.outcome == gold.decided,
        problems=(*_failed(facts), *_outcome(gold, decision, right), *_facts(sop, gold, factors)),
    )


def accepted(sop: Sop, gathered: Gathered) -> Gathered:
    """The gold case with what the procedure decides of it today written down as known."""
    trial = try_gold(sop, gathered)
    decided = "" if trial.right else trial.decided
    gold = gathered.gold.model_copy(update={"decided": decided})
    return Gathered(gold, gathered.facts)


def try_examples(sop: Sop) -> tuple[Trial, ...]:
    """Let the table decide the SOP's inline examples."""
    return tuple(
        Trial(
            name=example.name,
            expected=example.then,
            decided="" if problems else example.then,
            row=example.row or 0,
            right=not problems,
            problems=problems,
        )
        for example in sop.spec.examples
        for problems in (example_problems(sop, example),)
    )


def _read_by_a_person(
    facts: Facts, factors: Sequence[Factor], gold: GoldCase
) -> tuple[Factor, ...]:
    """The factors, with open questions read as the gold case says."""
    asked = {question.factor for question in open_questions(facts, factors)} & gold.facts.keys()
    return tuple(
        Factor(name=one.name, value=gold.facts[one.name], by="human") if one.name in asked else one
        for one in factors
    )


def _failed(facts: Facts) -> Iterator[str]:
    for record in facts.records.values():
        if record.status == "error":
            yield f"the action {record.action} failed: {record.reason}"


def _asks_rightly(gold: GoldCase, decision: Decision) -> bool:
    asked = {action for one in decision.missing for action in one.actions}
    return decision.outcome == REQUEST_INFORMATION and bool(asked & set(gold.ask))


def _outcome(gold: GoldCase, decision: Decision, right: bool) -> Iterator[str]:
    if right and gold.decided:
        yield f"decided {decision.outcome}, rightly: it is no longer a known miss"
    elif not right and decision.outcome != gold.decided:
        known = f", known to be decided {gold.decided}" if gold.decided else ""
        yield f"decided {decision.outcome}; right is {gold.outcome}{known}"


def _facts(sop: Sop, gold: GoldCase, factors: Sequence[Factor]) -> Iterator[str]:
    found = {factor.name: factor for factor in factors}
    for name, value in gold.facts.items():
        if name not in found:
            yield f"{sop.name} has no factor {name}"
        elif _by_rule(found[name]) and found[name].value != value:
            yield f"{name} came out {spell(found[name].value)}, and was {spell(value)}"


def _by_rule(factor: Factor) -> bool:
    """Whether evidence made the value: one with a reason resolved for want of it."""
    return factor.known and factor.by == "rule" and not factor.reason
