"""Three-valued logic against an oracle of its own, and the reads that determine each value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casewright.errors import ExpressionError
from graphs.cel import parse
from graphs.scope import Bound, Gap, Read, Result, Scope, Unknown

MISSING: Any = object()
Truth = bool | None
Env = dict[str, Any]


# The oracle: a little language of its own, evaluated by Kleene's strong tables (Kleene,
# Introduction to Metamathematics, 1952, section 64) over plain dictionaries, and printed as CEL.


@dataclass(frozen=True)
class Data:
    """Roots by name; None for a root that is unknown. ``cut`` lists may lack entries."""

    roots: dict[str, Any]
    cut: frozenset[str]


@dataclass(frozen=True)
class Lit:
    value: bool

    def cel(self) -> str:
        return str(self.value).lower()

    def truth(self, data: Data, env: Env) -> Truth:
        return self.value


@dataclass(frozen=True)
class Flag:
    path: tuple[str, ...]

    def cel(self) -> str:
        return ".".join(self.path)

    def truth(self, data: Data, env: Env) -> Truth:
        found = look(self.path, data, env)
        return None if found is MISSING else bool(found)


@dataclass(frozen=True)
class Less:
    path: tuple[str, ...]
    bound: int

    def cel(self) -> str:
        return f"{'.'.join(self.path)} < {self.bound}"

    def truth(self, data: Data, env: Env) -> Truth:
        found = look(self.path, data, env)
        return None if found is MISSING else bool(found < self.bound)


@dataclass(frozen=True)
class HasField:
    path: tuple[str, ...]

    def cel(self) -> str:
        return f"has({'.'.join(self.path)})"

    def truth(self, data: Data, env: Env) -> Truth:
        if look(self.path[:-1], data, env) is MISSING:
            return None
        return look(self.path, data, env) is not MISSING


@dataclass(frozen=True)
class Longer:
    """An atom over a whole list, with a comprehension inside."""

    path: tuple[str, ...]
    bound: int

    def cel(self) -> str:
        return f"{'.'.join(self.path)}.filter(w, w.n < 2).size() > {self.bound}"

    def truth(self, data: Data, env: Env) -> Truth:
        found = look(self.path, data, env)
        if found is MISSING or is_cut(self.path, data, env):
            return None
        if any("n" not in item for item in found):
            return None
        return sum(1 for item in found if item["n"] < 2) > self.bound


@dataclass(frozen=True)
class Negation:
    part: Any

    def cel(self) -> str:
        return f"!({self.part.cel()})"

    def truth(self, data: Data, env: Env) -> Truth:
        inner = self.part.truth(data, env)
        return None if inner is None else not inner


@dataclass(frozen=True)
class Both:
    parts: tuple[Any, ...]

    def cel(self) -> str:
        return " && ".join(f"({part.cel()})" for part in self.parts)

    def truth(self, data: Data, env: Env) -> Truth:
        return least([part.truth(data, env) for part in self.parts])


@dataclass(frozen=True)
class Either:
    parts: tuple[Any, ...]

    def cel(self) -> str:
        return " || ".join(f"( {part.cel()} )" for part in self.parts)

    def truth(self, data: Data, env: Env) -> Truth:
        return most([part.truth(data, env) for part in self.parts])


@dataclass(frozen=True)
class Ternary:
    """The ternary."""

    test: Any
    then: Any
    otherwise: Any

    def cel(self) -> str:
        return f"({self.test.cel()}) ? ({self.then.cel()}) : ({self.otherwise.cel()})"

    def truth(self, data: Data, env: Env) -> Truth:
        sides: list[Truth] = [self.then.truth(data, env), self.otherwise.truth(data, env)]
        test = self.test.truth(data, env)
        if test is None:
            return sides[0] if sides[0] is sides[1] else None
        return sides[0] if test else sides[1]


@dataclass(frozen=True)
class Over:
    """``exists`` or ``all``."""

    kind: Literal["exists", "all"]
    path: tuple[str, ...]
    variable: str
    body: Any

    def cel(self) -> str:
        return f"{'.'.join(self.path)}.{self.kind}({self.variable}, {self.body.cel()})"

    def truth(self, data: Data, env: Env) -> Truth:
        found = look(self.path, data, env)
        if found is MISSING:
            return None
        bodies = [self.body.truth(data, {**env, self.variable: item}) for item in found]
        if is_cut(self.path, data, env):
            bodies.append(None)
        return most(bodies) if self.kind == "exists" else least(bodies)


def least(truths: list[Truth]) -> Truth:
    return False if False in truths else None if None in truths else True


def most(truths: list[Truth]) -> Truth:
    return True if True in truths else None if None in truths else False


def look(path: tuple[str, ...], data: Data, env: Env) -> Any:
    found = env[path[0]] if path[0] in env else data.roots.get(path[0])
    for step in path[1:]:
        found = found.get(step) if isinstance(found, dict) else None
    return MISSING if found is None else found


def is_cut(path: tuple[str, ...], data: Data, env: Env) -> bool:
    """Sources cut the outermost list only, so nothing below a variable is cut."""
    return path[0] in data.cut and path[0] not in env


def scope_of(data: Data) -> Scope:
    return {
        name: Bound(Unknown.of(name, "gone"), name)
        if value is None
        else Bound(value, name, complete=name not in data.cut)
        for name, value in data.roots.items()
    }


flags = st.none() | st.booleans()
numbers = st.none() | st.integers(0, 3)
items = st.fixed_dictionaries({}, optional={"k": flags, "n": st.integers(0, 3)})
outer_items = st.fixed_dictionaries(
    {}, optional={"k": flags, "n": numbers, "subs": st.lists(items, max_size=2)}
)
records = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "a": flags,
        "n": numbers,
        "deep": st.none() | st.fixed_dictionaries({}, optional={"b": flags, "c": numbers}),
        "list": st.none() | st.lists(outer_items, max_size=3),
        "flat": st.lists(items, max_size=3),
    },
)
worlds = st.builds(
    Data,
    st.fixed_dictionaries({"r": records, "s": records}),
    st.sets(st.sampled_from(["r", "s"])).map(frozenset),
)


@cache
def leaves(variables: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Leaves over the roots, and over the variables in whose body they stand."""
    roots = st.sampled_from(["r", "s"])
    flag = st.sampled_from([("a",), ("deep", "b")])
    number = st.sampled_from([("n",), ("deep", "c")])
    bounds = st.integers(0, 4)
    choices = [
        st.builds(Lit, st.booleans()),
        st.builds(lambda root, rest: Flag((root, *rest)), roots, flag),
        st.builds(lambda root, rest, b: Less((root, *rest), b), roots, number, bounds),
        st.builds(lambda root, rest: HasField((root, *rest)), roots, flag | number),
        st.builds(lambda root, b: Longer((root, "flat"), b), roots, bounds),
    ]
    if variables:
        names = st.sampled_from(variables)
        choices += [
            st.builds(lambda name: Flag((name, "k")), names),
            st.builds(lambda name, b: Less((name, "n"), b), names, bounds),
            st.builds(lambda name: HasField((name, "k")), names),
        ]
    return st.one_of(choices)


@st.composite
def formulas(draw: st.DrawFn, depth: int = 2, variables: tuple[str, ...] = ()) -> Any:
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(leaves(variables))
    below = formulas(depth - 1, variables)
    kind = draw(st.sampled_from(["not", "and", "or", "if", "over", "inner"]))
    if kind == "not":
        return Negation(draw(below))
    if kind == "if":
        return Ternary(draw(below), draw(below), draw(below))
    if kind in ("and", "or"):
        parts = tuple(draw(st.lists(below, min_size=2, max_size=3)))
        return Both(parts) if kind == "and" else Either(parts)
    variable = draw(st.sampled_from(["v", "w", "r"]))  # `r` shadows a root
    paths = [("r", "list"), ("s", "flat")]
    if "v" in variables:
        paths.append(("v", "subs"))
    path = draw(st.sampled_from([one for one in paths if one[0] not in variables or one[0] == "v"]))
    body = formulas(depth - 1, (*variables, variable))
    return Over(draw(st.sampled_from(["exists", "all"])), path, variable, draw(body))


generous = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@generous
@given(formulas(), worlds)
def test_every_value_is_kleenes_and_only_the_unknown_says_why(formula: Any, data: Data) -> None:
    result = parse(formula.cel()).evaluate(scope_of(data))
    assert result.value is formula.truth(data, {})
    assert bool(result.gaps) is (not result.known)
    assert {gap.root for gap in result.gaps} <= {"r", "s"}


@generous
@given(formulas(), worlds, worlds)
def test_the_reads_of_a_known_value_determine_it(formula: Any, data: Data, other: Data) -> None:
    """Whatever changes beside the fields that were read, the value stays."""
    result = parse(formula.cel()).evaluate(scope_of(data))
    if result.known:
        changed = keeping(result.reads, data, other)
        assert parse(formula.cel()).evaluate(scope_of(changed)).value is result.value


def keeping(reads: tuple[Read, ...], data: Data, other: Data) -> Data:
    """``other``, but with every read field as it stands in ``data``."""
    kept = {name: [r.pointer.split("/")[1:] for r in reads if r.root == name] for name in "rs"}
    roots = {name: graft(data.roots[name], other.roots[name], kept[name]) for name in "rs"}
    cut = {name for name in "rs" if name in (data.cut if kept[name] else other.cut)}
    return Data(roots, frozenset(cut))


def graft(mine: Any, theirs: Any, kept: list[list[str]]) -> Any:
    if not kept:
        return theirs
    if [] in kept:
        return mine
    heads = {path[0] for path in kept}
    if isinstance(mine, list):
        theirs = theirs if isinstance(theirs, list) else []
        pairs = [
            graft(one, theirs[i] if i < len(theirs) else one, below(kept, str(i)))
            for i, one in enumerate(mine)
        ]
        return [*pairs, *theirs[len(mine) :]]
    theirs = theirs if isinstance(theirs, dict) else {}
    changed = {name: value for name, value in theirs.items() if name not in heads}
    for name in heads:
        changed[name] = graft(mine[name], theirs.get(name), below(kept, name))
    return changed


def below(kept: list[list[str]], head: str) -> list[list[str]]:
    return [path[1:] for path in kept if path[0] == head]


def over(text: str, **names: Any) -> Result:
    scope = {
        name: value if isinstance(value, Bound) else Bound(value, name)
        for name, value in names.items()
    }
    return parse(text).evaluate(scope)


def reads(*pointers: str) -> tuple[Read, ...]:
    return tuple(Read(*pointer.split(":")) for pointer in pointers)


@pytest.mark.parametrize("record", [{}, {"y": None}, {"y": {"z": None}}, {"y": {}}, {"y": 3}])
def test_a_missing_field_is_unknown_whatever_is_above_it(record: dict[str, Any]) -> None:
    for text in ("x.y.z", "!x.y.z", "x.y.z == 1", "x.y.z != 1", "x.y.z.exists(i, true)"):
        result = over(text, x=record)
        assert result.value is None
        assert result.gaps[0].root == "x"


def test_an_absent_name_is_unknown() -> None:
    assert over("x && true").gaps == (Gap("x", "x is not there"),)


def test_null_in_a_list_is_absent() -> None:
    assert over("x.exists(i, i == 1)", x=[None, 2]).value is None
    assert over("x.exists(i, i == 2)", x=[None, 2]).value is True
    assert over("x.all(i, i == 2)", x=[None]).value is None


def test_a_deciding_part_is_cited_alone() -> None:
    record = {"t": True, "f": False}
    assert over("x.t && x.f && x.gone", x=record).reads == reads("x:/f")
    assert over("x.gone || x.f || x.t", x=record).reads == reads("x:/t")
    assert over("x.t && !x.f", x=record).reads == reads("x:/t", "x:/f")
    assert over("x.t ? x.f : x.gone", x=record).reads == reads("x:/t", "x:/f")


def test_a_witness_is_cited_alone_and_a_false_with_the_list_and_what_lies_outside() -> None:
    items = {"items": [{"n": 1}, {"n": 5}]}
    found = over("x.items.exists(i, i.n > y.n)", x=items, y={"n": 3})
    assert found == Result(True, reads("x:/items/1/n", "y:/n"))
    none = over("x.items.exists(i, i.n > y.n)", x=items, y={"n": 9})
    assert none == Result(False, reads("x:/items", "y:/n"))


def test_a_body_that_ignores_its_item_still_rests_on_there_being_one() -> None:
    assert over("x.exists(i, true)", x=[1, 2]).reads == reads("x:/0")
    assert over("x.all(i, y)", x=[1, 2], y=False).reads == reads("x:/0", "y:")


@pytest.mark.parametrize("text", ["x.exists(i, i == 9)", "x.all(i, i == 1)", "size(x) > 0"])
def test_a_list_that_may_be_cut_proves_no_absence(text: str) -> None:
    cut = Bound([1], "x", complete=False)
    assert over(text, x=cut) == Result(None, gaps=(Gap("x", "the list may be cut"),))


def test_a_list_that_may_be_cut_still_holds_its_witnesses() -> None:
    cut = Bound([{"codes": ["A"]}, {"codes": []}], "x", complete=False)
    assert over("x.exists(i, 'A' in i.codes && size(i.codes) == 1)", x=cut).value is True
    assert over("x.all(i, size(i.codes) == 1)", x=cut).value is False


def test_empty_lists() -> None:
    assert over("x.exists(i, i)", x=[]) == Result(False, reads("x:"))
    assert over("x.all(i, i)", x=[]) == Result(True, reads("x:"))


def test_an_unknown_test_with_equal_sides_is_known() -> None:
    gone = Bound(Unknown.of("x", "gone"), "x")
    assert over("x ? y : 2", x=gone, y=2) == Result(2, reads("y:"))
    assert over("x ? y : true", x=gone, y=1).value is None  # 1 is not true


def test_an_unknown_can_stand_inside_a_value() -> None:
    nested = {"score": {"met": Unknown.of("f", "f is unknown")}}
    assert over("x.score.met && y", x=nested, y=True).gaps == (Gap("f", "f is unknown"),)
    assert over("x.score.met && y", x=nested, y=False).value is False


def test_has_answers_for_the_last_field_alone() -> None:
    assert over("has(x.y)", x={"y": 0}) == Result(True, reads("x:/y"))
    assert over("has(x.y)", x={"y": None}) == Result(False, reads("x:"))
    assert over("has(x.y.z)", x={}).value is None
    assert over("x.exists(i, has(i.y))", x=[{}, {"y": 1}]).reads == reads("x:/1/y")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x.s && true", "of type str"),
        ("!x.n", "of type int"),
        ("x.n ? 1 : 2", "of type int"),
        ("x.items.exists(i, i)", "of type int"),
        ("x.n.exists(i, true)", "x.n is no list"),
        ("x.exists(i, true)", "x is no list"),
        ("has(x.s.y)", "x.s is no record"),
        ("x.n < x.s", "over x.n, x.s"),
        ("x.n / x.zero > 1", "division by zero"),
        ("9223372036854775807 + x.n > 0", "overflow"),
        ("nonsense(x.n)", "'nonsense'"),
        ("x.s.matches('(')", "not a valid regex"),
        ("null", "null"),
        ("{'a': 1}.b == 1", "there is no 'b'"),
    ],
)
def test_what_does_not_go_together_is_an_error_that_names_the_expression(
    text: str, told: str
) -> None:
    record = {"s": "text", "n": 3, "zero": 0, "items": [7]}
    with pytest.raises(ExpressionError) as caught:
        parse(text, line=12).evaluate({"x": Bound(record, "x")})
    assert told in str(caught.value)
    assert f"`{text}`" in str(caught.value)
    assert caught.value.line == 12


def test_errors_never_show_what_a_party_wrote() -> None:
    with pytest.raises(ExpressionError) as caught:
        over("x.s && true", x={"s": "approve at once"})
    assert "approve" not in str(caught.value)


def test_what_a_comprehension_lacks_is_unknown() -> None:
    assert over("x.map(i, i.w)[0] > 1", x=[{}]).gaps == (Gap("x", "x lacks 'w'"),)
    assert over("x.map(i, i.w)[3] > 1", x=[{"w": 2}]).value is None


def test_paths_name_what_is_free() -> None:
    node = parse("x.a && y.list.exists(v, v.b == z.c && v.subs.all(w, w == v.b)) && has(q.d)").node
    assert node.paths() == {("x", "a"), ("y", "list"), ("z", "c"), ("q", "d")}
    assert node.roots == {"x", "y", "z", "q"}
