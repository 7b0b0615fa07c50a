"""What a page shows of a case while its personal data is hidden: tokens stand for it.

The same value has the same token all over the page, and a citation quotes what its evidence shows.
Without Presidio nothing tells what is personal in prose, so every text of the evidence that is more
than a small word is hidden as a whole, and so is whatever repeats it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any, Final, Literal, get_origin

from jsonpointer import JsonPointer, JsonPointerException
from pydantic import BaseModel

from agents.personal import patterned
from casewright.models import Citation, Evidence, Run
from casewright.narrative import Told
from review.mask import Mask, changed, tells

_NAMES: Final = frozenset(
    {
        "action", "actions", "appeal_of", "by", "case_id", "case_type", "code", "codes", "digest",
        "do", "endpoint", "factor", "graph_version", "key", "kind", "label", "model", "name",
        "note_id", "outcome", "pointer", "prompt", "purpose", "reference", "response", "reviewer",
        "route", "run_id", "set_by", "sop", "source", "status", "told_by", "tool", "unknown",
        "waits_for",
    }
)  # fmt: skip
"""Fields of a record whose texts are the team's or the platform's own words."""

_PROSE: Final = frozenset({"error", "note", "quote", "situation", "text"})
"""Fields of a record that hold what people wrote: hidden as a whole without Presidio."""


@dataclass(frozen=True)
class Veiled:
    """A case as it is shown.

    Attributes:
        run: The run, with tokens.
        evidence: Its evidence under the digests that it is cited by, with tokens.
        whole: Whether whole texts are hidden, since nothing could tell what is personal in them.
    """

    run: Run
    evidence: Mapping[str, Evidence]
    whole: bool = False


def veiled(run: Run, evidence: Mapping[str, Evidence], *, shapes: bool | None = None) -> Veiled:
    """A run and its evidence with tokens for personal data.

    Args:
        run: The run.
        evidence: What it rests on, by digest.
        shapes: Whether Presidio tells what is personal; None: where it is installed.
    """
    told = presidio() if shapes is None else shapes
    (shown,), records = veiled_all([run], evidence, shapes=told)
    return Veiled(shown, records, whole=not told)


def veiled_all(
    runs: list[Run], evidence: Mapping[str, Evidence], *, shapes: bool
) -> tuple[list[Run], dict[str, Evidence]]:
    """Several runs of one case, oldest first, and all their evidence; see :func:`veiled`."""
    texts = [text for run in runs for text in _texts(run)]
    secrets = [text for run in runs for text in _texts(run, only=_PROSE)]
    ids = [one for run in runs for one in (run.case.case_id, *run.case.involved)]
    mask = Mask(evidence.values(), texts, ids, shapes=shapes, secrets=secrets)
    veil = _Veil(mask, evidence, whole=not shapes)
    for run in runs:
        veil.learn(run)
    records = {digest: veil.record(one) for digest, one in evidence.items()}
    return [veil.shown(run) for run in runs], records


def presidio() -> bool:
    """Whether Presidio is installed."""
    return find_spec("presidio_analyzer") is not None


class _Veil:
    """Walks the models of one case."""

    def __init__(self, mask: Mask, evidence: Mapping[str, Evidence], *, whole: bool) -> None:
        self._mask = mask
        self._evidence = evidence
        self._without_shapes = whole

    def learn(self, run: Run) -> None:
        """Note pieces of personal data that quotes begin or end with."""
        for citation in _citations(run):
            found = self._cited(citation)
            if citation.excerpt and isinstance(citation.quote, str) and found:
                whole, _ = found
                at = whole.find(citation.quote) if isinstance(whole, str) else -1
                if at >= 0:
                    for piece in self._mask.cut(whole, at, at + len(citation.quote)):
                        self._mask.note(piece)

    def record(self, one: Evidence) -> Evidence:
        """Evidence with tokens, under the digest that it is cited by."""
        parts = {name: getattr(one, name) for name in ("request", "data", "reason")}
        return one.model_copy(update=changed(parts, self._mask.hide))

    def shown(self, value: Any, field: str = "") -> Any:
        """A part of a record with tokens."""
        if isinstance(value, Citation):
            return value.model_copy(update={"quote": self._quote(value)})
        if isinstance(value, BaseModel):
            return self._model(value)
        if type(value) is str:
            whole = self._without_shapes and field in _PROSE
            return self._mask.hide_whole(value) if whole else self._mask.told(value)
        if isinstance(value, tuple | list):
            return type(value)(self.shown(one, field) for one in value)
        if isinstance(value, Mapping):
            return {key: self._inside(key, one) for key, one in value.items()}
        return value

    def _model(self, value: BaseModel) -> BaseModel:
        update = {name: self.shown(getattr(value, name), name) for name in _free(type(value))}
        if self._without_shapes and isinstance(value, Told) and value.by == "model":
            update["sentence"] = self._mask.hide_whole(value.sentence)
        return value.model_copy(update=update)

    def _inside(self, key: str, value: Any) -> Any:
        """A value of a mapping in a record: arguments of a write, an answer, facts."""
        if isinstance(value, BaseModel):
            return self.shown(value)
        hide = self._mask.hide_whole
        return changed(
            value,
            lambda text, personal: hide(text, True) if personal else self._mask.told(text),
            tells(key),
        )

    def _quote(self, citation: Citation) -> Any:
        if citation.kind == "policy":
            return citation.quote
        found = self._cited(citation)
        if found is None:
            return changed(citation.quote, self._mask.hide)
        value, personal = found
        if not citation.excerpt or not isinstance(value, str):
            return changed(value, self._mask.hide, personal)
        at = value.find(citation.quote) if isinstance(citation.quote, str) else -1
        if at < 0:
            return self._mask.hide(str(citation.quote), personal)
        return self._mask.hide_part(value, at, at + len(citation.quote), personal)

    def _cited(self, citation: Citation) -> tuple[Any, bool] | None:
        """The value that is cited, and whether it stands in a personal field."""
        item = self._evidence.get(citation.reference)
        if item is None or citation.kind == "policy":
            return None
        try:
            pointer = JsonPointer(citation.pointer)
            return pointer.resolve(item.data), any(map(tells, pointer.parts))
        except JsonPointerException:
            return None


@cache
def _free(model: type[BaseModel]) -> tuple[str, ...]:
    """The fields of a model whose texts are not of a closed set, or of a fixed shape."""
    return tuple(
        name
        for name, field in model.model_fields.items()
        if name not in _NAMES
        and get_origin(field.annotation) is not Literal
        and not any(getattr(one, "pattern", None) for one in field.metadata)
        and (model.__name__, name) not in _CLOSED
    )


_CLOSED: Final = frozenset(
    {
        ("Case", "region"),
        ("Case", "language"),
        ("Case", "seller_id"),
        ("Case", "linked_seller_ids"),
        ("Case", "party_ids"),
        ("Case", "subject"),
        ("Profile", "region"),
        ("Narrative", "language"),
    }
)
"""Codes, and the ids of whom and what a case is about."""


def _texts(value: Any, *, only: frozenset[str] | None = None, field: str = "") -> Iterator[str]:
    """The texts of a record that may say something personal; all, or those of some fields."""
    if isinstance(value, BaseModel):
        if isinstance(value, Citation):
            if value.kind != "policy" and (only is None or value.excerpt):
                yield from _texts(value.quote)
            return
        for name in _free(type(value)):
            yield from _texts(getattr(value, name), only=only, field=name)
    elif type(value) is str:
        if only is None or field in only:
            yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one, only=only, field=field)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _texts(one, only=only, field=field)


def _citations(value: Any) -> Iterator[Citation]:
    if isinstance(value, Citation):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _citations(getattr(value, name))
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _citations(one)


class Veil:
    """Veils cases, and keeps the last ones as they came out, in memory alone.

    Args:
        keeps: How many.
    """

    def __init__(self, keeps: int = 64) -> None:
        self._keeps = keeps
        self._held: OrderedDict[str, tuple[Run, Veiled]] = OrderedDict()

    async def warm(self) -> None:
        """Load what finds personal data before anybody waits for it: it takes a second."""
        if presidio():
            await asyncio.to_thread(patterned, "")

    def held(self, run: Run) -> Veiled | None:
        """The run as it was veiled, if it has not changed since."""
        before, found = self._held.get(run.run_id, (None, None))
        if before != run:
            return None
        self._held.move_to_end(run.run_id)
        return found

    async def over(self, run: Run, evidence: Mapping[str, Evidence]) -> Veiled:
        """The run and its evidence with tokens; see :func:`veiled`.

        Args:
            run: The run.
            evidence: What it rests on, by digest.
        """
        # Loading the recognizers takes a second, and others are served meanwhile.
        found = await asyncio.to_thread(veiled, run, evidence)
        self._held[run.run_id] = run, found
        while len(self._held) > self._keeps:
            self._held.popitem(last=False)
        return found
