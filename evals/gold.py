"""Gold cases from a file: one JSON object a line, or a YAML list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from casewright.errors import UnknownName, UsageError
from casewright.models import GoldCase

if TYPE_CHECKING:
    from graphs.sop import Sop

Deciding = Callable[[str], "Sop | None"]
"""The procedure that decides cases of a type; None where none is known."""

Row = tuple[int, Callable[[], GoldCase]]
"""Line in the file, from 1, and what validates the row that stands there."""


def load_gold(
    path: Path, *, may_be_empty: bool = False, deciding: Deciding | None = None
) -> tuple[GoldCase, ...]:
    """Read gold cases in the order of the file.

    Args:
        path: A ``.jsonl`` file, one GoldCase a line, or a ``.yaml`` or ``.yml`` file with a list of
            them.
        may_be_empty: Whether a file without cases is none to complain about.
        deciding: Finds the procedure whose outcomes, factors and actions a case may name; None:
            names are taken as they are.

    Raises:
        UsageError: the file cannot be read, is of another kind, holds no case, holds a row that is
            no GoldCase or names what its procedure does not have, or names a case twice; with
            file and line.
    """
    readers = {".jsonl": _json_rows, ".yaml": _yaml_rows, ".yml": _yaml_rows}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UsageError(f"{path} is no gold file.", remedy="Give a .jsonl, .yaml or .yml file.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8: byte {error.start}.") from error
    found = _distinct(reader(path, text), path, deciding or (lambda _: None))
    if not found and not may_be_empty:
        raise UsageError(f"{path} holds no gold case.")
    return found


def _distinct(rows: Iterable[Row], path: Path, deciding: Deciding) -> tuple[GoldCase, ...]:
    found: dict[tuple[int | None, str], tuple[int, GoldCase]] = {}
    for line, validate in rows:
        gold = _checked(validate, path, line)
        _require_known(gold, deciding(gold.case_type), path, line)
        key = (gold.seed, gold.case_id)  # every simulated world numbers its cases from one
        if key in found:
            first, _ = found[key]
            raise UsageError(f"{path}:{line}: {gold.case_id!r} is already in line {first}.")
        found[key] = (line, gold)
    return tuple(gold for _, gold in found.values())


def _checked(validate: Callable[[], GoldCase], path: Path, line: int) -> GoldCase:
    try:
        return validate()
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{path}:{line}: {f'{where}: ' * bool(where)}{first['msg']}.") from error


def _require_known(gold: GoldCase, sop: Sop | None, path: Path, line: int) -> None:
    """Refuse a case that names an outcome, a factor or an action which its procedure has not."""
    if sop is None:
        return
    ends = tuple(one for one in (gold.outcome, *gold.accept, gold.decided) if one)
    for kind, names, valid in (
        ("outcome", ends, sop.outcomes),
        ("factor", gold.key_factors, sop.factors),
        ("action", (*gold.ask, *gold.actions), sop.actions),
    ):
        for name in names:
            if name not in valid:
                unknown = UnknownName.among(f"{kind} of {sop.name}", name, valid)
                told = f"{path}:{line}: {unknown.message}"
                raise UsageError(told, remedy=unknown.remedy)


def _json_rows(path: Path, text: str) -> Iterator[Row]:
    # Not splitlines: JSON strings may hold U+2028 and its like as they are.
    for line, row in enumerate(text.split("\n"), start=1):
        if row.strip():
            yield line, partial(GoldCase.model_validate_json, row)


def _yaml_rows(path: Path, text: str) -> Iterator[Row]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    # Pure: it keeps to YAML 1.2, where an outcome called `no` stays a word, and knows its lines.
    yaml = YAML(typ="safe", pure=True)
    try:
        rows, tree = yaml.load(text), yaml.compose(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise UsageError(f"{path}:{line}: {error.problem}.") from error
    except YAMLError as error:
        raise UsageError(f"{path}: {error}.") from error
    if rows is None:
        return
    if not isinstance(rows, list):
        raise UsageError(f"{path}:1: a list of gold cases is expected.")
    for row, node in zip(rows, tree.value, strict=True):
        yield node.start_mark.line + 1, partial(GoldCase.model_validate, row)
