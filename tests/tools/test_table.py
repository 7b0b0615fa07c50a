"""Declared tools over real files and databases, which nothing can write or leave."""

from __future__ import annotations

import gc
import sqlite3
import sys
from datetime import UTC, datetime

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DatabaseError

from casewright.errors import EnvironmentFault, SourceRefused, UsageError
from casewright.models import EvidenceStatus
from casewright.settings import Settings
from tools.sources.connections import Surroundings
from tools.sources.sql import SqlAddress

NOW = datetime(2026, 6, 3, 8, 0, tzinfo=UTC)
OK, NO_DATA, ERROR = EvidenceStatus.OK, EvidenceStatus.NO_DATA, EvidenceStatus.ERROR

ROWS = """\
seller_id,stars,posted,note,flag
001,4,2026-05-01 08:00:00,fine,true
001,2,2026-06-02T10:00:00+02:00,,false
S-2,5,2026-07-01,"late, but ok",true
"""
COUNT = "SELECT count(*) AS n FROM reviews WHERE seller_id = :seller_id"
KINDS = ("csv", "parquet", "duckdb", "sqlalchemy")
ATTACKS = ("' OR '1'='1", "x'; DROP TABLE reviews; --", '" OR 1=1 --', "\\", ":seller_id", "$1")


class Tables:
    """The same rows as every kind of table."""

    def __init__(self, workshop) -> None:
        self.workshop = workshop
        self.csv = workshop.put("data/reviews.csv", ROWS)
        reviews = duckdb.read_csv(str(self.csv), all_varchar=True)
        reviews.write_parquet(str(workshop.folder / "data/reviews.parquet"))
        with duckdb.connect(str(workshop.folder / "data/reviews.duckdb")) as database:
            database.execute(f"CREATE TABLE reviews AS FROM read_csv('{self.csv}', all_varchar=1)")
        with sqlite3.connect(workshop.folder / "data/reviews.db") as lite:
            lite.execute("CREATE TABLE reviews (seller_id, stars, posted, note, flag)")
            rows = duckdb.read_csv(str(self.csv), all_varchar=True).fetchall()
            lite.executemany("INSERT INTO reviews VALUES (?, ?, ?, ?, ?)", rows)
        lite.close()
        self.places = {
            "csv": "csv: data/reviews.csv",
            "parquet": "parquet: data/reviews.parquet",
            "duckdb": "duckdb: data/reviews.duckdb",
            "sqlalchemy": "sqlalchemy: sqlite:///data/reviews.db",
        }

    def declare(self, kind: str, query: str, *, result: str = "n: integer", more: str = "") -> None:
        place = self.places.get(kind, kind)
        arguments = "{seller_id: string}" if ":seller_id" in query else "{}"
        self.workshop.declares(
            f"""
            tools:
              - name: get_it
                description: Reviews of a seller.
                arguments: {arguments}
                result: {{{result}}}
                table:
                  {place}
                  query: {query!r}
                  {more}
            """
        )

    async def ask(self, **arguments: object):
        return await self.workshop.ask("get_it", **arguments)


@pytest.fixture
def tables(workshop) -> Tables:
    return Tables(workshop)


@pytest.mark.parametrize("kind", KINDS)
async def test_rows_are_read_typed_and_marked(tables, kind):
    result = (
        "seller_id: string, stars: integer, posted: timestamp, flag: boolean, "
        "note: {type: string, written_by: party, optional: true}"
    )
    tables.declare(
        kind, "SELECT * FROM reviews WHERE seller_id = :seller_id ORDER BY posted", result=result
    )
    evidence = await tables.ask(seller_id="001")
    first = {"stars": 4, "posted": "2026-05-01T08:00:00Z", "flag": True, "note": "fine"}
    second = {"stars": 2, "posted": "2026-06-02T08:00:00Z", "flag": False}
    assert evidence.data == {"items": [{"seller_id": "001", **one} for one in (first, second)]}
    assert evidence.untrusted == ("/items/0/note",)
    assert evidence.complete
    assert evidence.source.startswith("data/reviews.")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_value_is_never_part_of_the_query(tables, kind):
    tables.declare(kind, COUNT, more="one: true")
    async with tables.workshop.open() as toolbox:
        for given_id, found in (*((attack, 0) for attack in ATTACKS), ("001", 2)):
            evidence = await toolbox.call("get_it", {"seller_id": given_id}, as_of=NOW)
            assert evidence.data == {"n": found}


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=50))
async def test_no_text_finds_what_it_does_not_name(tables, text):
    tables.declare("csv", COUNT, more="one: true")
    expected = {"001": 2, "S-2": 1}.get(text, 0)
    assert (await tables.ask(seller_id=text)).data == {"n": expected}


@pytest.mark.parametrize("kind", KINDS)
async def test_one_record_or_none_or_a_mistake(tables, kind):
    query = "SELECT stars FROM reviews WHERE seller_id = :seller_id"
    tables.declare(kind, query, result="stars: integer", more="one: true")
    assert (await tables.ask(seller_id="S-2")).data == {"stars": 5}
    absent = await tables.ask(seller_id="S-3")
    assert (absent.status, absent.reason) == (NO_DATA, "no_row")
    several = await tables.ask(seller_id="001")
    assert (several.status, several.reason) == (ERROR, "more_than_one_row")


@pytest.mark.parametrize(
    ("more", "ends"), [("", (OK, "")), ("complete: false", (NO_DATA, "coverage_incomplete"))]
)
async def test_an_empty_list_proves_an_absence_unless_stated(tables, more, ends):
    query = "SELECT stars FROM reviews WHERE seller_id = :seller_id"
    tables.declare("csv", query, result="stars: integer", more=more)
    evidence = await tables.ask(seller_id="S-3")
    assert (evidence.status, evidence.reason) == ends


async def test_a_long_list_is_cut_and_says_so(tables):
    query = "SELECT stars FROM reviews ORDER BY stars"
    tables.declare("csv", query, result="stars: integer", more="row_limit: 2")
    evidence = await tables.ask()
    assert evidence.data == {"items": [{"stars": 2}, {"stars": 4}]}
    assert (evidence.complete, evidence.reason) == (False, "row_limit")


@pytest.mark.parametrize("kind", KINDS)
async def test_the_moment_asked_for_can_be_named(tables, kind):
    query = "SELECT count(*) AS n FROM reviews WHERE posted < substr(:as_of, 1, 10)"
    tables.declare(kind, query, more="one: true")
    assert (await tables.ask()).data == {"n": 2}  # as of 2026-06-03


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "query", ["SELECT stars AS n FROM revews", "SELECT strs AS n FROM reviews", "SELECT FROM FROM"]
)
async def test_a_query_that_does_not_fit_its_tables_is_fatal(tables, kind, query):
    tables.declare(kind, query, more="one: true")
    with pytest.raises(SourceRefused, match="refuses the query") as caught:
        await tables.ask()
    assert caught.value.code == "query_refused"


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("duckdb", "WITH gone AS (DELETE FROM reviews RETURNING *) SELECT count(*) AS n FROM gone"),
        ("sqlalchemy", "WITH x AS (SELECT 1 AS n) DELETE FROM reviews"),
        ("sqlalchemy", "WITH x AS (SELECT 1 AS n) UPDATE reviews SET stars = 5"),
        ("csv", "WITH x AS (SELECT 1 AS n) INSERT INTO reviews SELECT n, n, n, n, n FROM x"),
    ],
)
async def test_what_would_write_is_refused(tables, kind, query):
    files = sorted((tables.workshop.folder / "data").iterdir())
    before = [file.read_bytes() for file in files]
    tables.declare(kind, query, more="one: true")
    with pytest.raises(SourceRefused):
        await tables.ask()
    assert [file.read_bytes() for file in files] == before


@pytest.mark.parametrize("kind", ["csv", "parquet", "duckdb"])
@pytest.mark.parametrize(
    "reach",
    ["read_csv('{other}')", "read_text('{other}')", "'{other}'", "glob('/*')", "duckdb_secrets()"],
)
async def test_no_query_reaches_beyond_its_files(tables, kind, reach):
    other = tables.workshop.put("data/other.csv", "n\n7\n")
    tables.declare(kind, f"SELECT count(*) AS n FROM {reach.format(other=other)}", more="one: true")
    with pytest.raises(SourceRefused):
        await tables.ask()


async def test_no_query_unlocks_what_was_shut(tables):
    tables.declare(
        "csv",
        "SELECT current_setting('enable_external_access') AS n",
        more="one: true",
        result="n: boolean",
    )
    assert (await tables.ask()).data == {"n": False}


@pytest.mark.parametrize("place", ["csv", "parquet", "duckdb", "sqlalchemy"])
@pytest.mark.parametrize("path", ["../outside.csv", "data/../../outside.csv", "linked.csv"])
async def test_a_relative_path_stays_inside_the_workspace(workshop, place, path, tmp_path_factory):
    outside = tmp_path_factory.mktemp("elsewhere") / "outside.csv"
    outside.write_text("n\n1\n")
    (workshop.folder / "linked.csv").symlink_to(outside)
    given = f"sqlite:///{path}" if place == "sqlalchemy" else path
    workshop.declares(
        f"""
        tools:
          - name: get_it
            description: It.
            result: {{n: integer}}
            table:
              {place}: {given}
              query: SELECT 1 AS n
        """
    )
    error = await workshop.refused()
    assert (error.file, error.line) == ("tools/mine.yaml", 7)
    assert "leads out of the workspace" in str(error)


async def test_a_link_laid_after_the_check_does_not_lead_out(workshop, tmp_path_factory):
    outside = tmp_path_factory.mktemp("elsewhere") / "outside.csv"
    outside.write_text("n\n1\n")
    inside = workshop.put("data.csv", "n\n2\n")
    workshop.declares(
        """
        tools:
          - name: get_it
            description: It.
            result: {n: integer}
            table: {csv: data.csv, query: SELECT n FROM data}
        """
    )
    async with workshop.open() as toolbox:
        inside.unlink()
        inside.symlink_to(outside)
        with pytest.raises(UsageError, match="leads out"):
            await toolbox.call("get_it", {}, as_of=NOW)


async def test_an_absolute_path_is_the_owners_word(tables):
    tables.declare(f"csv: {tables.csv}", COUNT, more="one: true")
    assert (await tables.ask(seller_id="001")).data == {"n": 2}


async def test_several_files_are_several_tables(tables):
    tables.workshop.put("data/sellers.csv", "id,name\n001,Ann\nS-2,Bo\n")
    tables.declare(
        "csv: {r: data/reviews.csv, s: data/sellers.csv}",
        "SELECT s.name, sum(CAST(r.stars AS INT)) AS n FROM r JOIN s ON s.id = r.seller_id "
        "WHERE s.id = :seller_id GROUP BY s.name",
        result="name: string, n: integer",
        more="one: true",
    )
    assert (await tables.ask(seller_id="001")).data == {"name": "Ann", "n": 6}


@pytest.mark.parametrize(
    "place",
    ["csv: data/none.csv", "parquet: data/none", "duckdb: none", "sqlalchemy: sqlite:///none.db"],
)
async def test_a_missing_file_is_named(tables, place):
    tables.declare(place, "SELECT 1 AS n", more="one: true")
    with pytest.raises(SourceRefused, match=r"There is no file '.*none"):
        await tables.ask()


@pytest.mark.parametrize("kind", ["parquet", "duckdb", "sqlalchemy"])
async def test_a_file_of_another_kind_is_told(tables, kind):
    tables.workshop.put("data/odd", b"this is no database at all" * 100)
    given = "sqlite:///data/odd" if kind == "sqlalchemy" else "data/odd"
    tables.declare(f"{kind}: {given}", "SELECT 1 AS n FROM sqlite_master", more="one: true")
    if kind == "sqlalchemy":
        assert (await tables.ask()).reason == "database_failed"
        return
    with pytest.raises(SourceRefused, match="DuckDB cannot read 'data/odd'"):
        await tables.ask()


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("csv", "SELECT count(*) AS n FROM range(100000000) a, range(100000) b"),
        (
            "sqlalchemy",
            "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) "
            "SELECT max(n) AS n FROM c",
        ),
    ],
)
async def test_a_query_that_never_ends_is_ended(tables, kind, query, caplog):
    tables.workshop.settings["source_timeout_s"] = 0.4
    tables.declare(kind, query, more="one: true")
    evidence = await tables.ask()
    assert (evidence.status, evidence.reason) == (ERROR, "timeout")
    gc.collect()
    assert "never retrieved" not in caplog.text


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT CAST(note AS INT) AS n FROM reviews", "bad_value"),
        ("SELECT 1e308::DOUBLE * 10 AS n", "number_out_of_range"),
        ("SELECT repeat('x', 6000000) AS n", "too_large"),
        ("SELECT 9007199254740993 AS n", "number_out_of_range"),
        ("SELECT note AS n FROM reviews WHERE stars = '4'", "unexpected_shape:/items/0/n"),
    ],
)
async def test_a_value_that_does_not_do_is_an_error_that_does_not_tell_it(tables, query, code):
    tables.declare("csv", query)
    evidence = await tables.ask()
    assert (evidence.status, evidence.reason) == (ERROR, code)
    assert "fine" not in evidence.model_dump_json()


async def test_the_url_of_a_database_may_stand_in_the_environment(tables):
    tables.workshop.environment["RISK_DB"] = "sqlite:///data/reviews.db"
    tables.declare("sqlalchemy: {env: RISK_DB}", COUNT, more="one: true")
    evidence = await tables.ask(seller_id="001")
    assert (evidence.data, evidence.source) == ({"n": 2}, "RISK_DB")


@pytest.mark.parametrize(
    ("url", "error", "told"),
    [
        ("", SourceRefused, "RISK_DB, which get_it needs, is not set"),
        ("nonsense:pa55word", UsageError, "no usable"),
        ("mysql://u:pa55word@db/x", UsageError, "mysql database cannot be held to reading"),
        ("sqlite:///../out.db", UsageError, "leads out of the workspace"),
        ("postgresql+pg8000://u:pa55word@127.0.0.1:9/x", EnvironmentFault, "driver"),
    ],
)
async def test_an_unusable_url_is_told_without_its_password(tables, url, error, told):
    tables.workshop.environment["RISK_DB"] = url
    tables.declare("sqlalchemy: {env: RISK_DB}", COUNT, more="one: true")
    with pytest.raises(error, match=told) as caught:
        await tables.ask(seller_id="S")
    assert "pa55word" not in f"{caught.value!r}{caught.value}"


async def test_another_database_cannot_be_attached(tables):
    surroundings = Surroundings(Settings(), tables.workshop.folder, {})
    async with SqlAddress("sqlite:///data/reviews.db", "", "get_it").open(surroundings) as database:
        with database._engine.connect() as connection, pytest.raises(DatabaseError):
            connection.exec_driver_sql("ATTACH 'file:other.db' AS other")


async def test_without_duckdb_the_extra_is_named(tables, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    tables.declare("csv", COUNT, more="one: true")
    with pytest.raises(EnvironmentFault, match=r"casewright\[tables\]"):
        await tables.ask(seller_id="S")


async def test_reading_leaves_no_file_behind(tables):
    for kind in KINDS:
        tables.declare(kind, COUNT, more="one: true")
        await tables.ask(seller_id="001")
    found = {file.name for file in (tables.workshop.folder / "data").iterdir()}
    assert found == {f"reviews.{end}" for end in ("csv", "parquet", "duckdb", "db")}
