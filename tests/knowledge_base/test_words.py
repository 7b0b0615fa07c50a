import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.words import Tokenizer

TOKENIZER = Tokenizer()


def _words(text: str) -> list[int]:
    return TOKENIZER.words([text])[0].tolist()


def test_words_are_the_same_by_their_stem_in_any_case_and_without_accents() -> None:
    assert _words("Deliveries DELAYED") == _words("delivery delay")
    assert _words("Dirección") == _words("direccion")


def test_a_word_counts_as_often_as_it_stands_there() -> None:
    assert _words("storm storm") == _words("storm") * 2


def test_chinese_is_cut_into_pairs() -> None:
    assert set(_words("台风")) < set(_words("由于台风包裹延误了"))
    assert len(_words("台")) == 1


def test_function_words_are_left_out() -> None:
    assert _words("is this the") == []
    assert _words("") == []


@pytest.mark.parametrize("syntax", ['"', "NEAR(", "a* OR b", "text : x", "\0", "\ud800"[:0]])
def test_what_is_syntax_elsewhere_is_only_text(syntax: str) -> None:
    assert set(_words("quoted")) <= set(_words(f"quoted {syntax}"))


@given(st.lists(st.text(max_size=30), max_size=4))
def test_texts_do_not_depend_on_their_company(texts: list[str]) -> None:
    together = [words.tolist() for words in TOKENIZER.words(texts)]
    assert together == [_words(text) for text in texts]
    assert all(words == sorted(words) for words in together)
