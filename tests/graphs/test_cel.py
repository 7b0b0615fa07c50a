"""What CEL text becomes: nodes, paths and the texts handed to the CEL library."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.errors import EnvironmentFault, ExpressionError
from graphs.cel import parse
from graphs.logic import Atom, Choice, Has, Junction, Name, Not, Quantifier
from graphs.scope import Bound, Read

DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)

X, Y, Z = Name(("x",)), Name(("y",)), Name(("z",))


def value(text: str, /, **names: Any) -> Any:
    return parse(text).evaluate({n: Bound(v, n) for n, v in names.items()}).value


def atom(text: str, *holes: tuple[str | int, ...]) -> Callable[[Any], bool]:
    """Matches an atom; blanks do not count."""

    def matches(node: Any) -> bool:
        assert isinstance(node, Atom)
        return "".join(node.text.split()) == text and node.holes == holes

    return matches


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("x", X),
        ("  x.y.z ", Name(("x", "y", "z"))),
        ("x . y", Name(("x", "y"))),
        ("x.items[2].at", Name(("x", "items", 2, "at"))),
        ("x['items'][0]", Name(("x", "items", 0))),
        ('(x["from"])', Name(("x", "from"))),
        ("((x))", X),
        ("!x", Not(X)),
        ("!(!x)", Not(Not(X))),
        ("!!x", Not(Not(X))),
        ("!(x && y)", Not(Junction((X, Y), False))),
        ("x && y && z", Junction((X, Y, Z), False)),
        ("x && (y && z)", Junction((X, Y, Z), False)),
        ("x || y || z", Junction((X, Y, Z), True)),
        ("x && y || z", Junction((Junction((X, Y), False), Z), True)),
        ("x && (y || z)", Junction((X, Junction((Y, Z), True)), False)),
        ("x ? y : z", Choice(X, Y, Z)),
        ("x ? y : z ? x : y", Choice(X, Y, Choice(Z, X, Y))),
        ("(x ? y : z) && x", Junction((Choice(X, Y, Z), X), False)),
        ("has(x.y.z)", Has(("x", "y", "z"))),
        ("x.y.exists(i, i.k)", Quantifier("exists", ("x", "y"), "i", Name(("i", "k")))),
        ("x.all(i, !i)", Quantifier("all", ("x",), "i", Not(Name(("i",))))),
        (
            "x.all(i, i.subs.exists(j, j == i.k || y))",
            Quantifier(
                "all",
                ("x",),
                "i",
                Quantifier(
                    "exists",
                    ("i", "subs"),
                    "j",
                    Junction(
                        (Atom("__hole0  ==  __hole1", (("j",), ("i", "k"))), Y), deciding=True
                    ),
                ),
            ),
        ),
    ],
)
def test_logic_becomes_nodes(text: str, node: Any) -> None:
    assert parse(text).node == node


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("true", atom("true")),
        ("x.n < 3", atom("__hole0<3", ("x", "n"))),
        ("x.a <= x.b + x.a", atom("__hole0<=__hole1+__hole0", ("x", "a"), ("x", "b"))),
        ("size(x.list) == 0", atom("size(__hole0)==0", ("x", "list"))),
        ("x.s.startsWith('x.s')", atom("__hole0.startsWith('x.s')", ("x", "s"))),
        ("x.k in ['a', y]", atom("__hole0in['a',__hole1]", ("x", "k"), ("y",))),
        ("-x > 1", atom("-__hole0>1", ("x",))),
        ("x[y] == 1", atom("__hole0[__hole1]==1", ("x",), ("y",))),
        ("x[0u] == 1", atom("__hole0[0u]==1", ("x",))),
        ("{'k': x}.k == 1", atom("{'k':__hole0}.k==1", ("x",))),
        ("(x + y) * z > 1", atom("(__hole0+__hole1)*__hole2>1", ("x",), ("y",), ("z",))),
        ("x.l.map(i, i + y)[0] == 1", atom("__hole0.map(i,i+__hole1)[0]==1", ("x", "l"), ("y",))),
        (
            "x.filter(i, i.subs.exists(j, j == i.k && j == y)).size() > 0",
            atom("__hole0.filter(i,i.subs.exists(j,j==i.k&&j==__hole1)).size()>0", ("x",), ("y",)),
        ),
        ("x.filter(i, i == y).all(i, i > z)", atom(
            "__hole0.filter(i,i==__hole1).all(i,i>__hole2)", ("x",), ("y",), ("z",)
        )),
        ("x.exists_one(i, i == y)", atom("__hole0.exists_one(i,i==__hole1)", ("x",), ("y",))),
    ],
)  # fmt: skip
def test_what_lies_below_logic_becomes_an_atom(text: str, matches: Callable[[Any], bool]) -> None:
    assert matches(parse(text).node)


def test_the_variable_of_a_macro_does_not_leak() -> None:
    assert parse("x.exists(i, i) && i").node.roots == {"x", "i"}
    assert parse("x.map(i, i).size() == i").node.roots == {"x", "i"}
    assert value("x.exists(i, i == 1) && i == 2", x=[1], i=2) is True
    assert value("x.filter(i, i == 1).size() == i", x=[1, 2], i=1) is True


def test_a_variable_shadows_the_name_outside_within_its_body_alone() -> None:
    assert value("x.exists(y, y == 1) && y == 2", x=[1], y=2) is True
    assert value("x.all(x, x == 1)", x=[1, 1]) is True
    assert value("x.filter(x, x > 1).size() == size(x) - 1", x=[1, 2]) is True


def test_a_variable_may_have_any_name() -> None:
    assert value("x.filter(p0, p0 > p1).size() == 1", x=[1, 2], p1=1) is True


@pytest.mark.parametrize("literal", ["true", "false"])
@pytest.mark.parametrize(
    "template",
    [
        "{}",
        "({})",
        "!{}",
        "{} && x",
        "x && {}",
        "{} || x",
        "x || {}",
        "{} ? x : y",
        "x ? {} : y",
        "y ? x : {}",
        "x == {}",
        "{} == x",
        "[{}, y][0] == x",
        "[y, {}].exists(i, i == x)",
        "l.exists(i, {})",
        "l.all(i, i == {})",
        "l.filter(i, i != {}).size() == 1",
        "{{'k': {}}}.k == x",
        "x == ({}) && ({}) == x",
    ],
)
def test_true_and_false_can_stand_anywhere(template: str, literal: str) -> None:
    """The CEL library alone says what the text means."""
    import cel

    names = {"x": True, "y": False, "l": [True, False]}
    text = template.replace("{}", literal).replace("{{", "{").replace("}}", "}")
    assert value(text, **names) is cel.compile(text).execute(names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x - y <= duration('720h')", True),
        ("x - y == duration('24h')", True),
        ("x - y <= span", False),
        ("y + span < x", True),
        ("x < timestamp('2026-03-01T12:00:01Z')", True),
        ("x == timestamp('2026-03-01T14:00:00+02:00')", True),
        ("timestamp(text) == x", True),
        ("x.getFullYear() == 2026", True),
        ("(x - y).getHours() == 24", True),
    ],
)
def test_durations_and_timestamps(text: str, expected: bool) -> None:
    names = {"x": DAY, "y": DAY - timedelta(days=1), "span": timedelta(hours=23)}
    assert value(text, **names, text="2026-03-01T12:00:00Z") is expected


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("", 1),
        ("x &&", 3),
        ("x & y", 3),
        ("x = y", 3),
        ("x and y", 3),
        ("(x", 2),
        ("x.", 2),
        ("x ? y", 5),
        ("'open", 1),
        ("x >", 3),
    ],
)
def test_what_does_not_parse_is_told_with_its_place(text: str, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, line=7)
    assert f"`{text}` is not a CEL expression" in caught.value.message
    assert f"character {column}." in caught.value.message
    assert caught.value.line == 7


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("has(x)", "invalid argument to has() macro"),
        ("has(x.y) == true", "invalid argument to has() macro"),
        ("x.exists(y.z, true)", "argument must be a simple name"),
    ],
)
def test_what_cel_refuses_is_told_before_a_case_meets_it(text: str, told: str) -> None:
    with pytest.raises(ExpressionError, match=r"cannot be used: CEL says: ") as caught:
        parse(text, line=7)
    assert told in caught.value.message
    assert f"`{text}`" in caught.value.message
    assert caught.value.line == 7


blanks = st.sampled_from(["", " ", "\n", "  \t"])


@given(st.lists(blanks, min_size=12, max_size=12))
def test_blanks_mean_nothing(spaces: list[str]) -> None:
    words = ["x", ".", "n", "<", "3", "&&", "l", ".", "exists(", "i ", ",", "i == x.n", ")"]
    text = "".join(word + space for word, space in zip(words, [*spaces, ""], strict=True))
    result = parse(text).evaluate({"x": Bound({"n": 2}, "x"), "l": Bound([1, 2], "l")})
    assert result.value is True
    assert result.reads == (Read("x", "/n"), Read("l", "/1"))


def test_a_comment_ends_with_its_line() -> None:
    assert value("x // why: y && z\n && y", x=True, y=False) is False


def test_the_grammars_tables_may_lie_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cache folder that cannot be made costs time, nothing else."""
    from graphs import cel

    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(file))
    cel._parser.cache_clear()
    assert value("x && y && true", x=True, y=True) is True
    cel._parser.cache_clear()


def test_a_missing_grammar_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from graphs import cel

    monkeypatch.setattr(cel, "find_spec", lambda name: None)
    cel._parser.cache_clear()
    with pytest.raises(EnvironmentFault, match="cel-python"):
        parse("x && y")
