"""A query's parameters are found where they are, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from tools.sources.query import NamedQuery


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("SELECT 1", ()),
        ("select * from t where a = :a and b=:b or a=:a", ("a", "b")),
        ("WITH x AS (SELECT :a) SELECT * FROM x", ("a",)),
        ("SELECT ':a', \"b:b\", `:c`, a::text", ()),
        ("SELECT 'it''s :a' || :b", ("b",)),
        ("SELECT 1 -- :a\n, :b", ("b",)),
        ("SELECT /* :a */ :b", ("b",)),
        ("-- first\nSELECT :a;", ("a",)),
        ("SELECT x[1:2], $q$ :a $q$, :b", ("b",)),
    ],
)
def test_parameters_are_found(text, names):
    assert NamedQuery.parse(text).names == names


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-- SELECT",
        "DELETE FROM t",
        "INSERT INTO t VALUES (1)",
        "ATTACH 'x'",
        "SELECT 1; DROP TABLE t",
        "SELECT 1;; SELECT 2",
        "PRAGMA query_only = 0",
    ],
)
def test_what_is_not_one_select_is_refused(text):
    with pytest.raises(ValueError, match="a query"):
        NamedQuery.parse(text)


def test_each_database_gets_its_own_way_to_name_parameters():
    query = NamedQuery.parse("SELECT a::int, ':x' FROM t WHERE b = :b -- end")
    assert query.dollars().strip() == "SELECT a::int, ':x' FROM t WHERE b = $b"
    assert r"'\:x'" in query.colons()
    assert ":b" in query.colons()


QUOTED = st.text(
    st.characters(codec="utf-8", exclude_characters="\0'\\", exclude_categories=["Cs"])
)


@settings(deadline=None)
@given(QUOTED, QUOTED)
def test_a_literal_stays_what_it_was_and_a_value_stays_a_value(literal, value):
    query = NamedQuery.parse(f"SELECT '{literal}' AS said, :value AS given")
    assert query.names == ("value",)
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        row = connection.execute(text(query.colons()), {"value": value}).one()
    engine.dispose()
    assert tuple(row) == (literal, value)
