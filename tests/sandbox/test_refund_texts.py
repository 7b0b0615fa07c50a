"""What buyers of refund cases write must say what was drawn, and tell nothing beyond it."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from sandbox.casetypes.refund_abuse import CASE_TYPE
from sandbox.text.letters import STYLES
from sandbox.text.refunds.claims import BANKS, Facts, write_claim, write_reply
from sandbox.timeline import instant
from tests.sandbox.bag_of_words import CEILING, cross_validated, words

DELIVERED = instant("2026-05-14T10:00:00Z")


def facts(**changes):
    usual = {
        "language": "en", "mixed": False, "style": "legal", "words": 20, "kind": "defective",
        "fault_shown": True, "denies_scans": False, "arrived": True, "date": None,
        "presses": False,
    }  # fmt: skip
    return Facts(**(usual | changes))


def write(count=60, **changes):
    rng = np.random.default_rng(5)
    return [write_claim(facts(**changes), rng) for _ in range(count)]


def says(texts, sentences):
    """Whether each text holds one of the sentences, with any slots filled."""
    patterns = [
        re.compile(re.sub(r"\\{\w+\\}", "[^.。]+?", re.escape(sentence))) for sentence in sentences
    ]
    return [any(pattern.search(text) for pattern in patterns) for text in texts]


@pytest.mark.parametrize("language", BANKS)
def test_a_fault_is_told_where_it_was_drawn(language):
    bank = BANKS[language]
    texts, without = write(language=language), write(language=language, fault_shown=False)
    assert all(says(texts, bank.fault))
    assert not any(says(texts, (*bank.later, *bank.dislike, *bank.vague)))
    assert not any(says(without, bank.fault))
    assert all(says(without, (*bank.later, *bank.dislike, *bank.vague)))


@pytest.mark.parametrize("language", BANKS)
@pytest.mark.parametrize(("kind", "part"), [("not_received", "absent"), ("empty_parcel", "hollow")])
def test_what_is_missing_is_told_by_its_kind(language, kind, part):
    texts = write(language=language, kind=kind)
    assert all(says(texts, getattr(BANKS[language], part)))


@pytest.mark.parametrize("language", BANKS)
def test_a_claim_that_denies_the_scans_speaks_of_them(language):
    bank = BANKS[language]
    told = write(language=language, kind="not_received", denies_scans=True, date=DELIVERED)
    assert all(says(told, bank.unscanned))
    told = write(
        language=language, kind="not_received", denies_scans=True, arrived=False, date=DELIVERED
    )
    assert all("5" in text and "14" in text for text in told)


@pytest.mark.parametrize("style", STYLES)
def test_no_slot_is_left_open(style):
    for language in BANKS:
        for shown in (True, False):
            for text in write(20, language=language, style=style, fault_shown=shown, mixed=True,
                              date=DELIVERED):  # fmt: skip
                assert not re.search(r"[{}]", text)


def test_replies_speak_of_the_return_only_where_told():
    rng = np.random.default_rng(6)
    for language, bank in BANKS.items():
        other = [write_reply(language, True, rng) for _ in range(20)]
        assert all(says(other, bank.came_back_other))
        assert not any(says([write_reply(language, False, rng)], bank.came_back_other))


def cases_of(world):
    """Return (words of the claim, right outcome) of each case of a world."""
    merged = dict(world.rows("SELECT claim_no, survivor_no FROM merged_claims"))
    texts = dict(world.rows("SELECT claim_no, statement FROM claims"))
    named = dict(
        world.rows(
            "SELECT printf('case_%06d', case_no), json_extract(subject, '$.claim_id') FROM cases "
            "WHERE case_type = ?", CASE_TYPE.name,
        )
    )  # fmt: skip
    numbers = {case: int(claim.removeprefix("clm_")) for case, claim in named.items()}
    right = {line["case_id"]: line["right"] for line in world.causes}
    return [(words(texts[merged.get(no, no)]), right[case]) for case, no in numbers.items()]


def test_words_alone_beat_the_commonest_outcome_by_ten_points_at_most(worlds):
    cases = [case for each in worlds for case in cases_of(each)]
    common = Counter(right for _, right in cases).most_common(1)[0][1] / len(cases)
    assert cross_validated(cases) <= common + CEILING
