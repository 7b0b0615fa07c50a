"""Tokens stand for personal data and can always be undone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.personal import Span
from agents.tokens import Tokens, united

texts = st.text(alphabet="AB[]_1 bPERSONTXT", max_size=40) | st.sampled_from(
    ["[PERSON_1]", "[TEXT_1]", "[PERSON_[PERSON_1]1]", "x[EMAIL_2b]"]
)
spans = st.builds(
    lambda start, length, kind: Span(start, start + length, kind),
    st.integers(0, 40),
    st.integers(0, 10),
    st.sampled_from(["PERSON", "EMAIL"]),
)


@given(st.lists(st.tuples(texts, st.lists(spans, max_size=4)), max_size=5))
def test_whatever_is_hidden_comes_back_as_it_was(cases: list[tuple[str, list[Span]]]) -> None:
    tokens = Tokens()
    for text, found in cases:
        within = [one for one in found if one.end <= len(text)]
        assert tokens.restore(tokens.hide(text, within)) == text


def test_the_same_value_has_one_number_and_each_spelling_its_letter() -> None:
    tokens = Tokens()
    text = "Ann Lee, ann lee, Bob, Ann Lee"
    found = [Span(0, 7, "PERSON"), Span(9, 16, "PERSON"), Span(18, 21, "PERSON")]
    hidden = tokens.hide(text, [*found, Span(23, 30, "PERSON")])
    assert hidden == "[PERSON_1], [PERSON_1b], [PERSON_2], [PERSON_1]"


def test_a_token_that_a_party_wrote_is_not_taken_for_ours() -> None:
    tokens = Tokens()
    hidden = tokens.hide("Ann says [PERSON_1] did it", [Span(0, 3, "PERSON")])
    assert hidden == "[PERSON_1] says [TEXT_1] did it"
    assert (
        tokens.restore("[TEXT_1] or [PERSON_1] or [PERSON_9]") == "[PERSON_1] or Ann or [PERSON_9]"
    )


def test_more_spellings_than_letters_stay_apart() -> None:
    tokens = Tokens()
    words = ["a" + " " * n + "b" for n in range(60)]
    hidden = {tokens.hide(word, [Span(0, len(word), "PERSON")]) for word in words}
    assert len(hidden) == len(words)


def test_spans_that_overlap_are_one() -> None:
    found = [Span(0, 5, "PERSON"), Span(3, 12, "ADDRESS"), Span(12, 14, "PHONE")]
    assert united(found) == (Span(0, 12, "ADDRESS"), Span(12, 14, "PHONE"))
