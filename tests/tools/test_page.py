"""Pages join into one list, and what a party wrote stays marked in it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.errors import SourceMalformed
from casewright.models import EvidenceStatus
from tools.base import Answer
from tools.sources.page import Page, joined

IDS = st.text(max_size=5)
WRITTEN = st.booleans()


def page_of(items, *, cursor=None, complete=True, untrusted=(), **head):
    data = {**head, "items": list(items)}
    return Page(Answer(EvidenceStatus.OK, data, "", complete, tuple(untrusted), "s"), cursor)


def token(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def chain(*pages):
    last = len(pages) - 1
    return [Page(page.answer, None if at == last else f"c{at}") for at, page in enumerate(pages)]


@settings(max_examples=300, deadline=None, database=None)
@given(st.lists(st.lists(st.tuples(IDS, WRITTEN), max_size=4), min_size=1, max_size=4))
def test_pointers_follow_their_items(pages):
    """Every field that was marked on its page, and no other, is marked in the joined list."""
    made = [
        page_of(
            ({identity: f"text of {at}.{index}"} for index, (identity, _) in enumerate(page)),
            untrusted=(
                f"/items/{index}/{token(identity)}"
                for index, (identity, written) in enumerate(page)
                if written
            ),
        )
        for at, page in enumerate(pages)
    ]
    answer = joined(chain(*made))
    flat = [entry for page in pages for entry in page]
    expected = {f"/items/{at}/{token(key)}" for at, (key, written) in enumerate(flat) if written}
    assert set(answer.untrusted) == expected
    assert answer.data is not None
    assert [list(item) for item in answer.data["items"]] == [[identity] for identity, _ in flat]


def test_pointers_outside_the_items_stay_and_stand_once():
    pages = chain(
        page_of([1, 2], untrusted=["/title", "/items", "", "/items/0"], title="t"),
        page_of([3], untrusted=["/title", "/items/0/a~1b", "/items/7/x"], title="t"),
    )
    assert joined(pages).untrusted == ("/title", "/items", "", "/items/0", "/items/2/a~1b")


@pytest.mark.parametrize("strange", ["/items/00/x", "/items/-/x", "/items/+1", "/itemsx/0"])
def test_a_token_that_is_no_index_is_not_renumbered(strange):
    pages = chain(page_of([1]), page_of([2], untrusted=[strange]))
    assert joined(pages).untrusted == (strange,)


def test_a_cursor_left_over_makes_the_list_a_part():
    answer = joined([page_of([1], cursor="a"), page_of([2], cursor="b")])
    assert (answer.complete, answer.reason) == (False, "page_limit")
    assert answer.data == {"items": [1, 2]}


def test_one_page_with_a_cursor_left_over_is_a_part():
    answer = joined([page_of([1], cursor="a")])
    assert (answer.status, answer.complete) == (EvidenceStatus.OK, False)
    assert answer.reason == "page_limit"


def test_a_list_is_complete_only_if_every_page_is():
    pages = chain(page_of([1]), page_of([2], complete=False))
    assert joined(pages).complete is False


def test_empty_pages_of_a_partial_feed_are_no_data():
    answer = joined(chain(page_of([]), page_of([], complete=False)))
    assert (answer.status, answer.reason) == (EvidenceStatus.NO_DATA, "coverage_incomplete")
    assert answer.data is None


def test_what_stands_beside_the_items_is_kept_and_must_agree():
    assert joined(chain(page_of([1], n=2), page_of([2], n=2))).data == {"n": 2, "items": [1, 2]}
    with pytest.raises(SourceMalformed, match="disagree"):
        joined(chain(page_of([1], n=2), page_of([2], n=3)))


def test_a_list_without_items_is_malformed():
    bare = Page(Answer(EvidenceStatus.OK, {"item": []}), "c")
    with pytest.raises(SourceMalformed, match="without items"):
        joined([bare])
