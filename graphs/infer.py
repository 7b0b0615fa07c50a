"""The type of an expression, or what is wrong with it: CEL converts nothing by itself.

What is compared or computed here is what the CEL library can compare and compute, save that it
calls a time and a number merely unequal, and cents as good as pieces: both are faults here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from casewright.errors import UnknownName
from graphs.cel import core, parse_tree
from graphs.typed import ANY, BOOL, INT, NUMBER, SPAN, TEXT, TIME, Kind, Type

Names = Mapping[str, Type]

LITERALS: Mapping[str, Kind] = {
    "INT_LIT": "int",
    "UINT_LIT": "int",
    "FLOAT_LIT": "number",
    "STRING_LIT": "text",
    "MLSTRING_LIT": "text",
    "BOOL_LIT": "bool",
}
FUNCTIONS: Mapping[str, tuple[tuple[Kind, ...], Type]] = {
    "size": (("list", "map", "text"), INT),
    "duration": (("text",), SPAN),
    "timestamp": (("text",), TIME),
    "string": ((), TEXT),
    "int": (("int", "number", "money", "text"), INT),
    "double": (("int", "number", "money", "text"), NUMBER),
    "uint": (("int", "number", "money", "text"), INT),
    "bytes": (("text",), ANY),
    "dyn": ((), ANY),
    "type": ((), ANY),
}
"""What a function takes, nothing for everything, and what it gives."""

ON_TEXT = ("contains", "startsWith", "endsWith", "matches")
ON_TIME = (
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
)
ON_BOTH = ("getHours", "getMinutes", "getSeconds", "getMilliseconds")
MACROS = ("exists", "all", "exists_one", "filter", "map")
METHODS = (*ON_TEXT, *ON_TIME, *ON_BOTH, *MACROS, "size")

ORDERED = ("lt", "le", "gt", "ge")
SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%"}

SUMS: Mapping[tuple[str, Kind, Kind], Kind] = {
    ("add", "time", "span"): "time",
    ("sub", "time", "span"): "time",
    ("sub", "time", "time"): "span",
    **{
        (sign, kind, kind): kind
        for sign in ("add", "sub")
        for kind in ("int", "number", "money", "span")
    },
    ("add", "text", "text"): "text",
    ("add", "list", "list"): "list",
    **{(sign, kind, kind): kind for sign in ("mul", "div") for kind in ("int", "number")},
    ("mod", "int", "int"): "int",
    ("mod", "money", "int"): "money",
    ("mul", "money", "int"): "money",
    ("mul", "int", "money"): "money",
    ("div", "money", "int"): "money",
    ("div", "money", "money"): "int",
}
"""What comes of computing with two kinds."""


class TypeFault(ValueError):
    """An expression compares or computes what does not go together."""


def infer(text: str, names: Names) -> Type:
    """The type of an expression.

    Args:
        text: The expression; it parses.
        names: The types of the names it may use; what is not among them may be anything.

    Raises:
        TypeFault: it compares or computes what does not go together; the message says what.
    """
    return _Inference(text.strip(), names).of(parse_tree(text.strip()))


class _Inference:
    def __init__(self, text: str, names: Names) -> None:
        self._text = text
        self._names = names

    def of(self, tree: Any) -> Type:
        tree = core(tree)
        match tree.data, len(tree.children):
            case "expr", 3:
                return self._choice(tree.children)
            case (("conditionaland" | "conditionalor"), 2):
                for child in tree.children:
                    self._need(child, ("bool",), "is a condition's part")
                return BOOL
            case "relation", 2:
                return self._relation(*tree.children)
            case (("addition" | "multiplication"), 2):
                return self._computed(*tree.children)
            case "unary", 2:
                return self._unary(*tree.children)
            case _:
                return self._member(tree)

    def _choice(self, children: Sequence[Any]) -> Type:
        self._need(children[0], ("bool",), "is asked before `?`")
        then, otherwise = self.of(children[1]), self.of(children[2])
        if "any" in (then.kind, otherwise.kind):
            return ANY
        if not (then.kind == otherwise.kind or _alike(then, otherwise)):
            both = self._both(children[1], children[2])
            raise TypeFault(f"{both} is {then.told} or {otherwise.told}, as it turns out")
        return otherwise if then.literal else then

    def _unary(self, sign: Any, part: Any) -> Type:
        if sign.data == "unary_not":
            self._need(part, ("bool",), "follows `!`")
            return BOOL
        return self._need(part, ("int", "number", "money"), "follows `-`")

    def _relation(self, left_tree: Any, right_tree: Any) -> Type:
        operator = left_tree.data.removeprefix("relation_")
        (left_part,) = left_tree.children
        left, right = self.of(left_part), self.of(right_tree)
        told = self._both(left_part, right_tree)
        if operator == "in":
            self._among(left_part, left, right, told)
        elif not _comparable(left, right):
            raise TypeFault(f"{told} compares {left.told} with {right.told}")
        elif operator in ORDERED and left.kind in ("list", "map", "record"):
            raise TypeFault(f"{told} asks which of two is greater, but each is {left.told}")
        else:
            self._spelled(left_part, left, right)
            self._spelled(right_tree, right, left)
        return BOOL

    def _among(self, tree: Any, left: Type, right: Type, told: str) -> None:
        if right.kind not in ("any", "list", "map"):
            raise TypeFault(f"{told} looks into {right.told}, which is no list")
        members = right.members or ((right.of,) if right.kind == "list" and right.of else ())
        for member in members:
            if not _comparable(left, member):
                raise TypeFault(f"{told} looks for {left.told} among what is each {member.told}")
            self._spelled(tree, left, member)
            self._spelled(tree, member, left)

    def _spelled(self, tree: Any, closed: Type, written: Type) -> None:
        """A text that is written must be one of a closed set that it is compared with."""
        if written.literal and written.kind == "text" and closed.words and not closed.literal:
            (word,) = written.words
            if word not in closed.words:
                raise TypeFault(
                    str(UnknownName.among(f"value of {self._of(tree)}", word, closed.words))
                )

    def _computed(self, left_tree: Any, right_tree: Any) -> Type:
        sign = left_tree.data.rpartition("_")[2]
        (left_part,) = left_tree.children
        left, right = self.of(left_part), self.of(right_tree)
        if "any" in (left.kind, right.kind):
            return ANY
        amounts = sign in ("add", "sub") and _alike(left, right)
        kind = "money" if amounts else SUMS.get((sign, left.kind, right.kind))
        if kind is None:
            both = self._both(left_part, right_tree)
            told = f"{both} computes {left.told} {SIGNS[sign]} {right.told}"
            decimal = {left.kind, right.kind} == {"int", "number"}
            raise TypeFault(told + ("; write double(…), or 1.0 for 1" if decimal else ""))
        return Type(kind, literal=left.literal and right.literal, of=left.of)

    def _member(self, tree: Any) -> Type:
        children = tree.children
        match tree.data:
            case "literal":
                return _literal(children[0])
            case "ident":
                return self._names.get(str(children[0]), ANY)
            case "ident_arg":
                return self._call(str(children[0]), _arguments(children))
            case "member_dot":
                return self._field(children[0], str(children[1]))
            case "member_index":
                return self._indexed(*children)
            case "member_dot_arg":
                return self._method(children[0], str(children[1]), _arguments(children[1:]))
            case "list_lit":
                members = tuple(self.of(child) for child in _arguments([None, *children]))
                kinds = {member.kind for member in members}
                of = Type(members[0].kind) if len(kinds) == 1 else ANY
                return Type("list", of=of, members=members)
            case _:
                return ANY

    def _field(self, above: Any, name: str) -> Type:
        kind = self.of(above)
        fields = kind.known_fields
        if fields is not None:
            if name not in fields:
                raise TypeFault(
                    str(UnknownName.among(f"field of {self._of(above)!r}", name, fields))
                )
            return fields[name]
        if kind.kind == "map":
            return kind.of or ANY
        if kind.kind != "any":
            raise TypeFault(f"`{self._of(above)}` is {kind.told}, which has no field {name!r}")
        return ANY

    def _indexed(self, above: Any, index: Any) -> Type:
        kind, at = self.of(above), self.of(index)
        if kind.kind == "list" and at.kind not in ("int", "any"):
            raise TypeFault(f"`{self._of(above)}` is a list, whose items are counted from 0")
        if kind.kind in ("list", "map"):
            return kind.of or ANY
        fields = kind.known_fields or {}
        return fields.get(at.words[0], ANY) if at.literal and at.words else ANY

    def _call(self, name: str, arguments: Sequence[Any]) -> Type:
        if name == "has":
            for argument in arguments:
                self.of(argument)
            return BOOL
        if name not in FUNCTIONS:
            raise TypeFault(str(UnknownName.among("function", name, [*FUNCTIONS, "has"])))
        takes, gives = FUNCTIONS[name]
        for argument in arguments:
            self._need(argument, takes, f"is given to {name}()")
        return gives

    def _method(self, above: Any, name: str, arguments: Sequence[Any]) -> Type:
        if name not in METHODS:
            raise TypeFault(str(UnknownName.among("method", name, METHODS)))
        if name in MACROS:
            return self._macro(above, name, arguments)
        if name == "size":
            self._need(above, ("list", "map", "text"), "has its size asked")
        elif name in ON_TEXT:
            for one in (above, *arguments):
                self._need(one, ("text",), f"is used with {name}()")
        else:
            takes: tuple[Kind, ...] = ("time",) if name in ON_TIME else ("time", "span")
            self._need(above, takes, f"is asked {name}()")
        return BOOL if name in ON_TEXT else INT

    def _macro(self, above: Any, name: str, arguments: Sequence[Any]) -> Type:
        over = self._need(above, ("list", "map"), f"is gone over by {name}()")
        variable = core(arguments[0])
        if variable.data != "ident":
            return ANY
        element = over.of if over.kind == "list" and over.of else ANY
        inner = _Inference(self._text, {**self._names, str(variable.children[0]): element})
        *tests, last = arguments[1:] or [arguments[0]]
        if name != "map":
            tests = [*tests, last]
        for test in tests:
            inner._need(test, ("bool",), f"is the condition of {name}()")
        if name == "map":
            return Type("list", of=inner.of(last))
        return over if name == "filter" else BOOL

    def _need(self, tree: Any, kinds: tuple[Kind, ...], place: str) -> Type:
        found = self.of(tree)
        if kinds and found.kind != "any" and found.kind not in kinds:
            wanted = " or ".join(Type(kind).told for kind in kinds if kind != "money")
            told = f"`{self._of(tree)}` {place}, but is {found.told}, not {wanted}"
            raise TypeFault(told)
        return found

    def _of(self, tree: Any) -> str:
        return " ".join(self._text[tree.meta.start_pos : tree.meta.end_pos].split())

    def _both(self, left: Any, right: Any) -> str:
        span = self._text[left.meta.start_pos : right.meta.end_pos]
        return f"`{' '.join(span.split())}`"


def _comparable(left: Type, right: Type) -> bool:
    kinds = {left.kind, right.kind}
    same = "any" in kinds or len(kinds) == 1 or kinds == {"int", "number"}
    return same or _alike(left, right) or (kinds == {"money", "number"} and _written(left, right))


def _alike(left: Type, right: Type) -> bool:
    """Whether one is money and the other a whole number that is written there."""
    return {left.kind, right.kind} == {"money", "int"} and _written(left, right)


def _written(left: Type, right: Type) -> bool:
    return (left if right.kind == "money" else right).literal


def _literal(token: Any) -> Type:
    kind = LITERALS.get(token.type, "any")
    words = (str(token)[1:-1],) if token.type == "STRING_LIT" else ()
    return Type(kind, words=words, literal=kind != "any" and (kind != "text" or bool(words)))


def _arguments(children: Sequence[Any]) -> Sequence[Any]:
    """What stands between a call's brackets."""
    return [one for child in children[1:] if child is not None for one in child.children]
