"""How well texts support a sentence, as far as words can tell."""

import pytest

from evals.support import SupportScorer

TEXTS = [
    "The first scan of the parcel was on 24 May in Leeds.",
    "The carrier Nordpost reported no outage in that week.",
    "The seller shipped 97 of 100 orders in time.",
]


@pytest.fixture
def scorer():
    return SupportScorer(TEXTS)


@pytest.mark.parametrize(
    ("closer", "farther"),
    [
        ("The parcel was first scanned in Leeds.", "The parcel was first weighed in Hull."),
        ("The seller shipped 97 orders in time.", "The seller shipped 79 orders in time."),
        ("It was Nordpost that reported it.", "It was Westpost that reported it."),
        ("The seller shipped orders in time.", "The seller shipped an outage in Leeds."),
    ],
)
def test_what_the_texts_mention_scores_higher(scorer, closer, farther):
    assert scorer.score(closer, TEXTS) > scorer.score(farther, TEXTS)


def test_a_sentence_of_the_texts_is_supported_whole(scorer):
    assert all(scorer.score(text, TEXTS) == pytest.approx(1) for text in TEXTS)


def test_nothing_supports_nothing(scorer):
    assert scorer.score("The seller is honest.", []) == 0
    assert scorer.score("", TEXTS) == 0
