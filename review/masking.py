"""Hides personal data in a dossier, as it is hidden from a model: tokens stand for it.

What is found anywhere is hidden everywhere, so that a quote stays the same as what it quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from agents.identifiers import numbers
from agents.personal import Span, in_fields, kept, known, named, patterned, plain, require_presidio
from agents.tokens import Tokens
from casewright.errors import EnvironmentFault
from casewright.models import Run
from review.dossier import Dossier, Frozen, Json

_TECHNICAL: Final = re.compile(
    r"[0-9a-f]{64}|\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?|[a-z0-9_.@:/+-]{1,24}",
)
"""Digests, moments and single small words: nobody is known by them, unless records say so."""

_NAMES: Final = frozenset(
    {
        "action", "as_of", "at", "by", "case_id", "case_type", "code", "codes", "condition",
        "digest", "do", "due_at", "endpoint", "factor", "graph_version", "key", "kind", "label",
        "model", "opened_at", "outcome", "pointer", "prompt", "purpose", "reference", "response",
        "retrieved_at", "reviewer", "route", "row", "run_id", "set_by", "sop", "source",
        "started_at", "status", "then", "through", "tool", "untrusted", "updated_at",
        "appeal_of", "ended", "paused", "since", "told_by", "until",
    }
)  # fmt: skip
"""Keys whose texts are the team's or the platform's own words."""


def masked(dossier: Dossier) -> Dossier:
    """The dossier with tokens for personal data; its log, its SOP files and its rows stay.

    Raises:
        EnvironmentFault: Presidio is not installed.
    """
    try:
        require_presidio()
    except EnvironmentFault as error:
        raise EnvironmentFault(
            "Personal data cannot be hidden in a dossier: Presidio is not installed.",
            remedy="Install casewright[privacy], or show it with --reveal, which the log tells.",
        ) from error
    mask = _Mask(dossier)
    evidence = {
        digest: Frozen(
            content={**one.content, **_some(one.content, ("request", "data", "reason"), mask.hide)},
            retrieved_at=one.retrieved_at,
        )
        for digest, one in dossier.evidence.items()
    }
    runs = [_changed(run, mask.hide) for run in dossier.runs]
    return dossier.model_copy(update={"masked": True, "evidence": evidence, "runs": runs})


def _some(content: Json, keys: Iterable[str], change: Callable[[str], str]) -> Json:
    return {key: _changed(content[key], change) for key in keys if key in content}


class _Mask:
    """What is personal in a dossier, and the tokens that stand for it."""

    def __init__(self, dossier: Dossier) -> None:
        records = [one.evidence() for one in dossier.evidence.values()]
        subject = Run.model_validate(dossier.runs[-1]).case.subject.values()
        self._kept = frozenset(plain(one) for one in (*subject, *numbers(records)))
        self._tokens = Tokens()
        self._seen: dict[str, str] = {}
        self._words = dict[str, None]()
        self._found = dict[str, None]()
        for one in dossier.evidence.values():
            self._words |= dict.fromkeys(in_fields(json.dumps(one.content, ensure_ascii=False)))
        contents = [one.content for one in dossier.evidence.values()]
        for text in dict.fromkeys(_texts([contents, dossier.runs])):
            self._learn(text)

    def _learn(self, text: str) -> None:
        """Note what is personal in a text: it may stand elsewhere in words that do not tell."""
        spans = self._shapes(text)
        self._found |= dict.fromkeys(text[span.start : span.end] for span in spans)
        self._found |= dict.fromkeys(named(text, spans))

    def hide(self, text: str) -> str:
        """The text with tokens."""
        if text not in self._seen:
            recorded = known(text, self._words)
            again = known(text, self._found, exactly=True)
            spans = (*self._shapes(text), *recorded, *again)
            self._seen[text] = self._tokens.hide(
                text, (span for span in spans if not kept(text, span, self._kept))
            )
        return self._seen[text]

    def _shapes(self, text: str) -> tuple[Span, ...]:
        if _TECHNICAL.fullmatch(text):
            return ()
        return tuple(span for span in patterned(text) if not kept(text, span, self._kept))


def _texts(value: Any) -> Iterator[str]:
    """The texts that may hold personal data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        if not _is_clause(value):
            for key, inner in value.items():
                if key not in _NAMES:
                    yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON value with each such text changed, and no key."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        if _is_clause(value):
            return value
        return {k: v if k in _NAMES else _changed(v, change) for k, v in value.items()}
    return [_changed(inner, change) for inner in value] if isinstance(value, list) else value


def _is_clause(value: Json) -> bool:
    """Whether it is a citation of the policy, whose words are the team's."""
    return value.get("kind") == "policy" and "reference" in value
