"""Parses CEL text into the nodes of :mod:`graphs.logic`.

The grammar is cel-python's; its parse tree is folded here: logic becomes nodes, member chains
become paths, and everything else becomes an :class:`~graphs.logic.Atom`, the text of that part
with its paths replaced by variables, so that only the fields it names are handed to the
evaluating library.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import platformdirs
from lark import Lark, Token
from lark.exceptions import UnexpectedInput

from casewright.errors import EnvironmentFault, ExpressionError
from graphs.logic import HOLE, Atom, Choice, Expression, Has, Junction, Name, Node, Not, Quantifier
from graphs.scope import Path as Steps

PLAIN_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
DIGITS = re.compile(r"[0-9]+")
QUOTED_NAME = re.compile(r"""(["'])([A-Za-z_]\w*)\1""")
WORDS = frozenset({"true", "false", "null", "in"})
MACROS = frozenset({"exists", "all", "exists_one", "map", "filter"})


def parse(text: str, *, line: int = 0) -> Expression:
    """Parse a CEL expression.

    Args:
        text: The expression.
        line: Line of the file it stands on, for messages.

    Raises:
        ExpressionError: it does not parse; the message holds the text and the place in it.
    """
    text = text.strip()
    if PLAIN_PATH.fullmatch(text) and text not in WORDS:
        return Expression(text, Name(tuple(text.split("."))), line)
    tree = _tree(text, line)
    try:
        return Expression(text, _Folder(text).fold(tree), line)
    except ExpressionError as error:
        raise ExpressionError(f"`{text}` cannot be used: {error.message}", line=line) from error


def parse_tree(text: str) -> Any:
    """The parse tree of an expression, in the words of cel-python's grammar.

    Raises:
        ExpressionError: it does not parse.
    """
    return _tree(text, 0)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    """A parser for cel-python's grammar.

    cel-python's own parser is not used: importing it costs a third of a second, and it loses the
    positions of ``true`` and ``false``. Lark keeps its tables in the user's cache folder, because
    building them costs more than everything else that loading an SOP does.
    """
    return Lark(
        _grammar(),
        parser="lalr",
        start="expr",
        g_regex_flags=re.M,
        lexer_callbacks={"IDENT": _literal_or_identifier},
        propagate_positions=True,
        maybe_placeholders=False,
        priority="invert",
        cache=_cache_file(),
    )


def _grammar() -> str:
    spec = find_spec("celpy")
    if spec is None or not spec.submodule_search_locations:
        raise EnvironmentFault(
            "The package cel-python, whose grammar expressions are parsed with, is missing.",
            remedy="Install casewright again.",
        )
    return (Path(spec.submodule_search_locations[0]) / "cel.lark").read_text("utf-8")


def _cache_file() -> str | bool:
    folder = platformdirs.user_cache_path("casewright")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # slower, but nothing is wrong
        return False
    return str(folder / "cel-grammar.lark")


def _literal_or_identifier(token: Token) -> Token:
    literal = token.value in ("true", "false")
    return Token.new_borrow_pos("BOOL_LIT", token.value, token) if literal else token


def _tree(text: str, line: int) -> Any:
    try:
        return _parsed(text)
    except UnexpectedInput as error:
        column = max(error.column, 1) if isinstance(error.column, int) else len(text)
        raise ExpressionError(
            f"`{text}` is not a CEL expression: it goes wrong at its character {column}.",
            line=line,
        ) from error


@lru_cache(maxsize=1024)  # an expression is parsed to be folded, and again to be typed
def _parsed(text: str) -> Any:
    return _parser().parse(text)


class _Folder:
    """Folds one Lark tree; keeps the text, because atoms are cut out of it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def fold(self, tree: Any) -> Node:
        tree = core(tree)
        match tree.data, len(tree.children):
            case "expr", 3:
                test, then, otherwise = (self.fold(child) for child in tree.children)
                return Choice(test, then, otherwise)
            case "conditionaland", 2:
                return self._junction(tree, deciding=False)
            case "conditionalor", 2:
                return self._junction(tree, deciding=True)
            case "unary", 2 if tree.children[0].data == "unary_not":
                return Not(self.fold(tree.children[1]))
            case _:
                return self._quantifier(tree) or self._plain(tree) or self._atom(tree)

    def _junction(self, tree: Any, *, deciding: bool) -> Junction:
        parts: list[Node] = []
        for child in tree.children:
            node = self.fold(child)
            same = isinstance(node, Junction) and node.deciding is deciding
            parts.extend(node.parts if isinstance(node, Junction) and same else (node,))
        return Junction(tuple(parts), deciding)

    def _quantifier(self, tree: Any) -> Quantifier | None:
        if tree.data != "member_dot_arg" or tree.children[1] not in ("exists", "all"):
            return None
        over, arguments = _path(tree.children[0]), tree.children[2].children
        variable = _path(arguments[0]) if len(arguments) == 2 else None
        if over is None or variable is None or len(variable) != 1:
            return None
        kind = str(tree.children[1])
        return Quantifier(
            "exists" if kind == "exists" else "all",
            over,
            str(variable[0]),
            self.fold(arguments[1]),
        )

    def _plain(self, tree: Any) -> Node | None:
        if tree.data == "ident_arg" and tree.children[0] == "has":
            path = _path(tree.children[1].children[0])
            return Has(path) if path and len(path) > 1 else None
        path = _path(tree)
        return Name(path) if path else None

    def _atom(self, tree: Any) -> Atom:
        start, end = _span(tree)
        pieces: list[str] = []
        holes: list[Steps] = []
        for path, (left, right) in _chains(tree, bound=frozenset()):
            pieces += [self._text[start:left], _variable(path, holes)]
            start = right
        pieces.append(self._text[start:end])
        atom = Atom("".join(pieces).strip(), tuple(holes))
        atom.compile()
        return atom


def _variable(path: Steps, holes: list[Steps]) -> str:
    if path not in holes:
        holes.append(path)
    # Spaces keep the name apart from its neighbours, since spans may swallow blanks.
    return f" {HOLE}{holes.index(path)} "


def core(tree: Any) -> Any:
    """The first node below that says something: the grammar nests a rule per precedence."""
    while len(tree.children) == 1 and tree.data in _PASSING:
        tree = tree.children[0]
    return tree


_PASSING = frozenset(
    {
        "expr",
        "conditionalor",
        "conditionaland",
        "relation",
        "addition",
        "multiplication",
        "unary",
        "member",
        "primary",
        "paren_expr",
    }
)


def _path(tree: Any) -> Steps | None:
    """The path of a member chain with constant steps, or None."""
    tree = core(tree)
    if tree.data == "ident":
        return (str(tree.children[0]),)
    if tree.data == "member_dot":
        above = _path(tree.children[0])
        return (*above, str(tree.children[1])) if above else None
    if tree.data == "member_index":
        above, index = _path(tree.children[0]), _constant_index(tree.children[1])
        return (*above, index) if above and index is not None else None
    return None


def _constant_index(tree: Any) -> int | str | None:
    """A whole number or a plain field name between brackets."""
    tree = core(tree)
    literal = str(tree.children[0]) if tree.data == "literal" else ""
    if DIGITS.fullmatch(literal):
        return int(literal)
    quoted = QUOTED_NAME.fullmatch(literal)
    return quoted[2] if quoted else None


def _chains(tree: Any, *, bound: frozenset[str]) -> list[tuple[Steps, tuple[int, int]]]:
    """The longest member chains below, with their spans, left to right.

    Chains that start at a variable of a comprehension stay in the text.
    """
    path = _path(tree) if hasattr(tree, "data") else None
    if path:
        return [] if path[0] in bound else [(path, _span(core(tree)))]
    if tree.data == "member_dot_arg" and tree.children[1] in MACROS:
        variable = _path(tree.children[2].children[0])
        inner = bound | {str(variable[0])} if variable else bound
        rest = tree.children[2].children[1:]
        found = _chains(tree.children[0], bound=bound)
        return found + [chain for child in rest for chain in _chains(child, bound=inner)]
    children = (child for child in tree.children if hasattr(child, "data"))
    return [chain for child in children for chain in _chains(child, bound=bound)]


def _span(tree: Any) -> tuple[int, int]:
    return tree.meta.start_pos, tree.meta.end_pos
