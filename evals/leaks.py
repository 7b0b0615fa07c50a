"""The leak check: refuses gold cases that can reach their own answer.

A suite that leaks gives a number which is a lie, so there is no way to run it all the same. What is
looked at, by channel:

- ``evidence``: the case had been settled by its as-of time, or a record of its own decision or of a
  later moment is among what it sees.
- ``precedents``: the case, or one that shares a party with it, is served as a precedent.
- ``training``: a classifier that would answer for it learned from the case itself.
- ``prompts``: the case, its subjects or its words stand in what the version is made of.
- ``sop folder``: likewise, in another file of the SOP's folder than its ``gold.yaml``.
- ``twice``: the same matter is in the suite twice.
- ``sides``: a case, or a party of it, is in another file that was given beside this one.

What is worth knowing and tells no answer is said, and refuses nothing: see ``Checked.told``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from casewright.errors import UsageError
from casewright.models import Case, ClosedCase, GoldCase, Model

Channel = Literal["evidence", "precedents", "training", "prompts", "sop folder", "twice", "sides"]

MEND: Mapping[Channel, str] = {
    "evidence": "Set `as_of` to a moment before the case was settled, or leave the case out.",
    "precedents": "Name its parties in the source's `linked_seller_ids` or `party_ids`, or set "
    "`seller_id` right.",
    "training": "Judge it as of a moment before the training, so that the classifier abstains, or "
    "leave it out.",
    "prompts": "Take it out of the text, or out of the suite.",
    "sop folder": "Keep gold cases in gold.yaml, or outside of the SOP's folder.",
    "twice": "Keep one of them.",
    "sides": "Split by party: `casewright eval split`.",
}
"""How a leak of each channel is mended."""

SHOWN = 5
"""Leaks that a refusal names; `eval check` lists them all."""


class LeakFound(UsageError):
    """A gold case can reach its own answer: nothing is measured with it."""


class Leak(Model):
    """One way in which a gold case can reach its own answer.

    Attributes:
        case_id: The case.
        seed: Its simulated world, or None.
        channel: Which way.
        what: What leaks, in one sentence.
        mend: What to do about it.
    """

    case_id: str
    seed: int | None = None
    channel: Channel
    what: str
    mend: str

    @classmethod
    def of(cls, gold: GoldCase, channel: Channel, what: str) -> Leak:
        """A leak of a gold case."""
        return cls(
            case_id=gold.case_id, seed=gold.seed, channel=channel, what=what, mend=MEND[channel]
        )


class Checked(Model):
    """What the leak check found.

    Attributes:
        cases: Gold cases that were looked at.
        leaks: What refuses them, by case; empty where they are clean.
        told: What else is worth knowing.
    """

    cases: int
    leaks: tuple[Leak, ...] = ()
    told: tuple[str, ...] = ()

    def require_clean(self) -> None:
        """Refuse the suite where something leaks.

        Raises:
            LeakFound: it does; the message names the first cases, their channels and the remedy.
        """
        if not self.leaks:
            return
        cases = len({(one.seed, one.case_id) for one in self.leaks})
        first = [f"{one.case_id} ({one.channel}): {one.what}." for one in self.leaks[:SHOWN]]
        rest = len(self.leaks) - SHOWN
        more = f" And {rest} more: `casewright eval check` lists them." if rest > 0 else ""
        mend = " ".join(dict.fromkeys(one.mend for one in self.leaks))
        raise LeakFound(
            f"{cases} of {self.cases} gold cases can reach their own answer. "
            f"{' '.join(first)}{more}",
            remedy=mend,
        )


@dataclass(frozen=True)
class Suite:
    """Gold cases of one world, and what the source says of them.

    Attributes:
        gold: The gold cases.
        cases: The cases as the source serves them, by id; those that it knows.
        closed: Closed cases of the source and of this home folder, by id, as far as they are of
            these cases.
    """

    gold: Sequence[GoldCase]
    cases: Mapping[str, Case]
    closed: Mapping[str, ClosedCase]

    def involved(self, gold: GoldCase, *, linked: bool = True) -> frozenset[str]:
        """Everybody and everything that a gold case is about, as far as anyone says.

        Args:
            gold: One of the gold cases.
            linked: Whether accounts count that the platform links to its seller.
        """
        case = self.cases.get(gold.case_id)
        if case is None:
            return frozenset({gold.seller_id})
        apart = frozenset(() if linked else case.linked_seller_ids)
        return (case.involved - apart) | {gold.seller_id}


def settled(suite: Suite) -> Iterable[Leak]:
    """Cases that had been settled by the moment at which they are judged."""
    for one in suite.gold:
        closed = suite.closed.get(one.case_id)
        if closed is not None and closed.closed_at <= one.as_of:
            told = (
                f"it was settled at {closed.closed_at:%Y-%m-%d %H:%M}, "
                f"by its as-of time {one.as_of:%Y-%m-%d %H:%M}"
            )
            yield Leak.of(one, "evidence", told)


def twice(suite: Suite) -> Iterable[Leak]:
    """Cases whose matter is in the suite already: the same id, or the same subjects and type."""
    seen: dict[object, GoldCase] = {}
    for one in suite.gold:
        case = suite.cases.get(one.case_id)
        subject = frozenset(case.subject.items()) if case else frozenset()
        matters: list[object] = [one.case_id]
        matters += [(one.case_type, subject)] if subject else []
        for matter in matters:
            other = seen.setdefault(matter, one)
            if other is not one:
                yield Leak.of(one, "twice", f"{other.case_id} is the same matter")
                break


def on_both_sides(mine: Suite, others: Suite, *, linked: bool = True) -> Iterable[Leak]:
    """Cases of a suite that share a party with one of another suite.

    Args:
        mine: The suite.
        others: The other one.
        linked: Whether accounts that the platform links count as one party.
    """
    held = {
        party: one
        for one in others.gold
        for party in (one.case_id, *others.involved(one, linked=linked))
    }
    for one in mine.gold:
        shared = sorted({one.case_id, *mine.involved(one, linked=linked)} & held.keys())
        if shared:
            told = f"{held[shared[0]].case_id} of the other file shares {', '.join(shared[:3])}"
            yield Leak.of(one, "sides", told)
