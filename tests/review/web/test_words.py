"""How texts are written on a page."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from review.layout import lines
from review.web.words import tokened

TOLD = st.text(alphabet="[]PERSON_1<>&\"' \u202e\n") | st.just("<b>[EMAIL_2]</b>")


@given(TOLD)
def test_marking_tokens_changes_nothing_of_what_is_read(text: str) -> None:
    told = tokened(text)
    bare = told.replace('<span class="token">', "").replace("</span>", "")
    assert Markup(bare) == escape(lines(text))


def test_tokens_are_marked_and_all_else_is_text() -> None:
    assert tokened("<b>[PERSON_1]</b>") == (
        '&lt;b&gt;<span class="token">[PERSON_1]</span>&lt;/b&gt;'
    )
