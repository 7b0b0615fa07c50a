"""The narrator: tells a decision's claims to the reviewer, and is checked sentence by sentence.

It is given the claims' own sentences, which the SOP words and whose holes no party's text can
fill; so nothing that a party wrote reaches it. It decides nothing: whatever it does not tell, or
tells with a value that its claims do not hold, stands as the claim's own sentence instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from langchain_core.messages import HumanMessage, SystemMessage
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.faithful import overreach
from agents.prompts import prompt
from agents.reading import Errand
from agents.talk import Call, Talks
from casewright.errors import ModelError
from casewright.models import Cost, Stance
from casewright.narrative import Narrative, Told

FUNCTION: Final = "tell"

LANGUAGES: Final = {"en": "English", "es": "Spanish", "zh": "Chinese"}
"""Languages whose numbers and dates the check can read."""

GROUPS: Final[Mapping[Stance, str]] = {
    "supports": "for the decision",
    "contradicts": "against the decision",
    "": "beside it",
}

MOST_LONGER: Final = 160
"""Characters by which a sentence may exceed those that it tells."""


@dataclass(frozen=True)
class Point:
    """One claim as the narrator is given it.

    Attributes:
        number: Its number in the decision, from 1.
        sentence: The claim's own sentence.
        proof: The values that it cites, as text.
        stance: How it stands to the outcome.
    """

    number: int
    sentence: str
    proof: tuple[str, ...]
    stance: Stance


class _Offer(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)

    text: str = Field(min_length=1)
    points: list[int] = Field(min_length=1)


class Narrator:
    """Tells decisions in one language.

    Args:
        talks: Opens a conversation with a chat model.
        language: The reviewer's language: ``en``, ``es`` or ``zh``.
    """

    def __init__(self, talks: Talks, language: str) -> None:
        self._talks = talks
        self._language = language

    async def tell(
        self,
        points: Sequence[Point],
        errand: Errand,
        *,
        outcome: str,
        outcomes: Iterable[str] = (),
    ) -> tuple[Narrative, Cost]:
        """Tell the points, in one turn of the model.

        Args:
            points: The claims that stand.
            errand: For whom.
            outcome: The decision's outcome.
            outcomes: The procedure's outcomes: a sentence that names another one is not taken.

        Returns:
            A narrative that tells every point, and what it cost. Where the model fails, it is made
            of the claims' own sentences and says why.
        """
        if not points:
            return Narrative(language="en"), Cost()
        talk = self._talks(errand)
        book = _Book(points, {one for one in outcomes if one != outcome})
        system = prompt("narrate").render(
            {"language": LANGUAGES[self._language], "outcome": outcome}
        )
        task = prompt("points").render({"points": _listed(points)})
        reason = ""
        try:
            turn = await talk.turn([SystemMessage(system), HumanMessage(task)], [_function()])
            book.take(turn.calls)
        except ModelError as error:
            reason = f"the narrator failed: {error.message}"
        told = {stance: tuple(book.told(stance)) for stance in GROUPS}
        narrative = Narrative(
            language=self._language if book.taken else "en",
            supports=told["supports"],
            contradicts=told["contradicts"],
            beside=told[""],
            reason=reason or ("" if book.taken else "no sentence of the narrator checked out"),
        )
        return narrative, talk.cost


class _Book:
    """The sentences taken, and the points that none of them tells."""

    def __init__(self, points: Sequence[Point], foreign: set[str]) -> None:
        self._points = {point.number: point for point in points}
        self._foreign = foreign
        self._faults: dict[int, str] = {}
        self.taken: list[Told] = []

    def take(self, calls: Iterable[Call]) -> None:
        """Take what checks out; of what does not, keep why."""
        for call in calls:
            try:
                offer = _Offer.model_validate(call.arguments or {})
            except ValidationError:
                continue
            numbers = tuple(dict.fromkeys(n for n in offer.points if n in self._points))
            fault = self._fault(offer, numbers)
            if fault:
                self._faults.update(dict.fromkeys(numbers, fault))
            else:
                self.taken.append(Told(sentence=offer.text.strip(), claims=numbers, by="model"))

    def told(self, stance: Stance) -> Iterator[Told]:
        """The group's sentences: the model's, then the claims that it left untold."""
        mine = [n for n, point in self._points.items() if point.stance == stance]
        model = [one for one in self.taken if one.claims[0] in mine]
        yield from model
        done = {number for one in model for number in one.claims}
        for number in mine:
            if number not in done:
                reason = self._faults.get(number, "")
                yield Told(sentence=self._points[number].sentence, claims=(number,), reason=reason)

    def _fault(self, offer: _Offer, numbers: tuple[int, ...]) -> str:
        if len(numbers) != len(set(offer.points)) or not numbers:
            return "it tells a point that there is not"
        if any(number in one.claims for one in self.taken for number in numbers):
            return "it tells a point again"
        points = [self._points[number] for number in numbers]
        if len({point.stance for point in points}) > 1:
            return "it mixes what speaks for and against"
        if len(offer.text) > MOST_LONGER + sum(len(point.sentence) for point in points):
            return "it is much longer than what it tells"
        if "\n" in offer.text.strip() or any(_named(one, offer.text) for one in self._foreign):
            return "it breaks its line or names another outcome"
        return overreach(offer.text, (text for p in points for text in (p.sentence, *p.proof)))


def _named(outcome: str, text: str) -> bool:
    return outcome.replace("_", " ").casefold() in text.replace("_", " ").casefold()


def _listed(points: Sequence[Point]) -> str:
    lines = []
    for stance, heading in GROUPS.items():
        mine = [f"{point.number}. {point.sentence}" for point in points if point.stance == stance]
        lines += [f"{heading.capitalize()}:", *mine, ""] if mine else []
    return "\n".join(lines).strip()


def _function() -> dict[str, Any]:
    return {
        "name": FUNCTION,
        "description": "Tell one sentence of the rationale.",
        "parameters": {
            "type": "object",
            "properties": {
                "text": {"type": "string", "description": "The sentence."},
                "points": {"type": "array", "items": {"type": "integer"}},
            },
            "required": ["text", "points"],
            "additionalProperties": False,
        },
    }
