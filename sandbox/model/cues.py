"""Which of a text's sentences tell: those that a column's templates were made for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Final

from sandbox.model.words import sentences, words
from sandbox.text import (
    deals,
    explanations,
    goods,
    harm,
    offers,
    order_answers,
    parcels,
    requests,
    reviews,
    rights,
    safety_answers,
    statements,
    ties,
    tracking_answers,
)
from sandbox.text.refunds import claims

LIKE: Final = 0.6
"""Share of a template's words that a sentence has to hold."""


def _under(banks: Mapping[str, Any], *names: str) -> list[Any]:
    """Parts of each language's bank, by key or by field."""
    return [
        bank[name] if isinstance(bank, Mapping) else getattr(bank, name)
        for bank in banks.values()
        for name in names
    ]


_DATES: Final = _under(statements.BANKS, "scan_dates", "hand_dates")
_STORY: Final = _under(claims.BANKS, "unscanned", "scanned", "arrived", "pleased")
_CUES: Final[Mapping[str, tuple[Any, Any]]] = {
    "names_explained": (
        _under(explanations.BANKS, "shown"),
        _under(explanations.BANKS, "vague", "plain"),
    ),
    "insider_buying_stated": (order_answers.INSIDERS, order_answers.NOBODY),
    "buyers_say_empty": ((parcels.SAYS, parcels.CHORUS[True]), (parcels.OTHER, parcels.CHORUS)),
    "concrete_fault": (tracking_answers.FAULT, tracking_answers.VAGUE),
    "other_source": (tracking_answers.OTHER_STOCK, tracking_answers.OWN_STOCK),
    "says_replica": (
        (
            _under(rights.BANKS, "copies"),
            _under(offers.TITLES, "copy"),
            _under(offers.DESCRIPTIONS, "copy"),
        ),
        (_under(rights.BANKS, "denials", "themes"), offers.TITLES),
    ),
    "fits_only": (
        (_under(offers.TITLES, "fits"), _under(offers.DESCRIPTIONS, "fits")),
        (offers.TITLES, offers.DESCRIPTIONS),
    ),
    "statement_contradicts_scans": (_DATES, (_DATES, _under(statements.BANKS, "blame", "own"))),
    "transfer_proved": (ties.DEEDS, (ties.NO_DEEDS, ties.PAPERS)),
    "separate_people": (ties.NAMED, ties.BARE),
    "hardship_stated": (
        _under(requests.BANKS, "hardship"),
        _under(requests.BANKS, "vague", "asks"),
    ),
    "fault_shown": (
        _under(claims.BANKS, "fault", "other"),
        _under(claims.BANKS, "later", "dislike", "vague", "absent", "hollow"),
    ),
    "story_breaks": (
        _STORY,
        _under(claims.BANKS, "dates", "absent", "hollow", "fault", "other", "later", "dislike"),
    ),
    "offer_made": (_under(deals.TALK, "offers"), _under(deals.TALK, "near", "plain")),
    "card_offer": (
        _under(deals.TALK, "card_offers"),
        _under(deals.TALK, "card_near", "card_plain"),
    ),
    "specific_use": (
        _under(reviews.BANKS, "use"),
        _under(reviews.BANKS, "praise", "service", "blame"),
    ),
    "disguised": (
        (_under(goods.TITLES, "coded"), _under(goods.DESCRIPTIONS, "coded"), harm.UNMASKED),
        (goods.TITLES, goods.DESCRIPTIONS),
    ),
    "mechanism_plausible": (harm.CAUSED, (harm.NOT_CAUSED, harm.UNMASKED)),
    "batch_shown_safe": (
        (safety_answers.SHOWN, safety_answers.PHOTO[True]),
        (safety_answers.CLAIMED, safety_answers.PHOTO),
    ),
}
"""Templates that make a column true, and those that stand where it is not."""


def likeness(factor: str, answer: bool, sentence: str) -> float:
    """How much a sentence is like those that tell ``answer``, 0 to 1; 0 below ``LIKE``."""
    held = set(words(sentence))
    shares = (len(held & cue) / len(cue) for cue in _cues(factor, answer))
    best = max(shares, default=0.0)
    return best if best >= LIKE else 0.0


@cache
def _cues(factor: str, answer: bool) -> tuple[frozenset[str], ...]:
    yes, no = _CUES.get(factor, ((), ()))
    made = (
        frozenset(words(_unfilled(sentence)))
        for template in _texts(yes if answer else no)
        for sentence in sentences(template)
    )
    return tuple(cue for cue in made if len(cue) > 1)


def _unfilled(template: str) -> str:
    """The template's own words, without its slots."""
    pieces = template.split("{")
    return " ".join([pieces[0], *(piece.partition("}")[2] for piece in pieces[1:])])


def _texts(bank: object) -> Iterator[str]:
    """All texts in a bank, however it is built."""
    if isinstance(bank, str):
        yield bank
    elif is_dataclass(bank) and not isinstance(bank, type):
        yield from _texts([getattr(bank, field.name) for field in fields(bank)])
    elif isinstance(bank, Mapping):
        yield from _texts(list(bank.values()))
    elif isinstance(bank, Iterable):
        for part in bank:
            yield from _texts(part)
