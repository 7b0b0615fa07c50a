"""A table of cases is an inbox."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from casewright.errors import SourceMalformed, UnknownCase, UsageError
from tools.cases import CaseTable
from tools.inbox import closed_cases, get_case, open_cases

NOW = datetime(2026, 6, 3, 8, 0, tzinfo=UTC)
HEAD = "case_id,case_type,seller_id,region,channel,opened_at,impact_cents,currency"
MORE = (
    "language,text,linked_seller_ids,subject.order_id,subject.buyer_id,outcome,closed_at,situation"
)
ROWS = f"""\
{HEAD},{MORE}
C/1 a,refund,S-1,EU,batch,2026-06-01T08:00:00+02:00,1250,EUR,es,"¿dónde, por favor?",S-2 S-3,O-1,,,,
C-2,appeal,S-1,EU,appeal,2026-06-01T08:00:00Z,0,USD,,,,,,,,
C-3,refund,S-1,EU,batch,2026-05-01T08:00:00Z,10,EUR,,,,O-3,B-3,pay,2026-05-02T08:00:00Z,old
"""


@pytest.fixture
def table(tmp_path):
    def table(text: str | bytes = ROWS) -> CaseTable:
        file = tmp_path / "cases.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return CaseTable(file, lambda: NOW)

    return table


async def test_open_and_settled_cases_are_told_apart(table):
    inbox = table()
    assert [case.case_id async for case in open_cases(inbox)] == ["C/1 a", "C-2"]
    assert [case.case_id async for case in open_cases(inbox, "refund")] == ["C/1 a"]
    assert [case.case_id async for case in open_cases(inbox, limit=1)] == ["C/1 a"]
    (closed,) = [case async for case in closed_cases(inbox)]
    assert (closed.outcome, closed.situation) == ("pay", "old")
    assert closed.case.subject == {"order_id": "O-3", "buyer_id": "B-3"}
    assert await inbox.now() == NOW


async def test_one_case_is_found_by_any_id(table):
    case = await get_case(table(), "C/1 a")
    assert case.opened_at == datetime(2026, 6, 1, 6, tzinfo=UTC)
    assert (case.impact.cents, case.impact.currency) == (1250, "EUR")
    assert (case.language, case.text) == ("es", "¿dónde, por favor?")
    assert case.linked_seller_ids == ("S-2", "S-3")
    assert case.subject == {"order_id": "O-1"}
    assert (await get_case(table(), "C-2")).language == "en"
    with pytest.raises(UnknownCase):
        await get_case(table(), "C-9")


async def test_parties_beside_the_seller_are_named(table):
    row = "C-1,refund,S-1,EU,batch,2026-06-01T08:00:00Z,1,EUR,B-1 B-2"
    case = await get_case(table(f"{HEAD},party_ids\n{row}\n"), "C-1")
    assert case.party_ids == ("B-1", "B-2")
    assert case.involved == {"S-1", "B-1", "B-2"}


async def test_settled_cases_tell_what_was_established(table):
    noted = "outcome,closed_at,situation,facts.late,facts.days,facts.share,facts.tier,overturned_at"
    row = "C-3,refund,S-1,EU,batch,2026-05-01T08:00:00Z,10,EUR,pay,2026-05-02T08:00:00Z,old"
    text = f"{HEAD},{noted},clauses\n{row},False,3,0.25,nan,2026-05-09T08:00:00Z,A-1@x B-2\n"
    (closed,) = [case async for case in closed_cases(table(text))]
    assert closed.facts == {"late": False, "days": 3, "share": 0.25, "tier": "nan"}
    assert [type(value) for value in closed.facts.values()] == [bool, int, float, str]
    assert closed.clauses == ("A-1@x", "B-2")
    assert closed.overturned_at == datetime(2026, 5, 9, 8, tzinfo=UTC)


async def test_the_file_is_read_anew_and_a_byte_order_mark_is_none_of_the_header(table):
    inbox = table()
    table(b"\xef\xbb\xbf" + ROWS.replace("C-2", "C-4").encode())
    assert [case.case_id async for case in open_cases(inbox)] == ["C/1 a", "C-4"]


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        ("", UsageError, "lack the column 'case_id'"),
        (HEAD.replace("region", "area"), UsageError, "lack the column 'region'"),
        (b"\xff\xfe", UsageError, "cannot be read"),
        (ROWS.replace("C-2", "C-3"), SourceMalformed, "holds the case 'C-3' twice"),
        (ROWS.replace("1250", "12.50"), SourceMalformed, "impact_cents that is no whole number"),
        (ROWS.replace("batch", "letter"), SourceMalformed, "does not fit at /channel"),
        (ROWS.replace("T08:00:00Z,0", ",0"), SourceMalformed, "does not fit at /opened_at"),
        (ROWS.replace("C-2,", ",", 1), SourceMalformed, "a row without a case_id"),
        (f'{HEAD}\n"C-1', UsageError, "cannot be read"),
    ],
)
async def test_a_table_that_does_not_do_is_told(table, text, error, told):
    with pytest.raises(error, match=told):
        _ = [case async for case in open_cases(table(text))]


async def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        await get_case(CaseTable(tmp_path / "none.csv"), "C-1")
