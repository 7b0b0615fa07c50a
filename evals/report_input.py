"""What a report is made from: results by graph version, and what belongs to each of them."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from casewright.errors import UsageError
from evals.attribution import wrong
from evals.bundle import Attacks, Input
from evals.causes import Attribution, Errors, grouped
from evals.results import Key, key_of
from evals.scored import Scored

M = TypeVar("M")

_NAME = re.compile(r"\w[\w.-]*")

BY_ITSELF = "Give each version a results file of its own: `eval run --sop SOP --out FILE`."


@dataclass(frozen=True)
class Measured:
    """The scored cases of one graph version, by world and id.

    Attributes:
        sop: Name of the SOP.
        graph_version: The version.
        scored: Its cases; those that failed before any version ran are there by their case type.
    """

    sop: str
    graph_version: str
    scored: tuple[Scored, ...]

    @property
    def keys(self) -> frozenset[Key]:
        """The cases."""
        return frozenset(key_of(one.gold) for one in self.scored)


@dataclass(frozen=True)
class Results:
    """A results file, version by version.

    Attributes:
        measured: One for each version, by SOP.
        left: Cases that no version ran for, nor for any other case of their type.
    """

    measured: tuple[Measured, ...]
    left: tuple[Scored, ...]


def by_version(scored: Iterable[Scored], file: str, sop: str = "") -> Results:
    """Sort scored cases by graph version.

    Args:
        scored: What ``eval run --out`` wrote.
        file: Its name, for errors.
        sop: Only this SOP; empty: all.

    Raises:
        UsageError: an SOP or a case type was judged by two versions, no version ran at all, or
            that SOP did not; or a version is none.
    """
    ordered = sorted(scored, key=_place)
    versions = _versions(ordered, file)
    groups: dict[str, list[Scored]] = defaultdict(list)
    for one in ordered:
        groups[versions.get(one.gold.case_type, "")].append(one)
    left = groups.pop("", [])
    found = {version.partition("@")[0]: version for version in sorted(groups)}
    if len(found) < len(groups):
        twice = sorted(set(groups) - set(found.values()))
        raise UsageError(
            f"{file} holds two versions of an SOP, such as {twice[0]}.", remedy=BY_ITSELF
        )
    if sop and sop not in found:
        told = ", ".join(found) or "no version at all"
        raise UsageError(f"{file} holds no case that {sop!r} judged, but {told}.")
    if not found:
        raise UsageError(f"No graph version ran in {file}: {left[0].reason}")
    names = [sop] if sop else [*found]
    _require_names(names, file)
    made = (Measured(name, found[name], tuple(groups[found[name]])) for name in names)
    return Results(tuple(made), () if sop else tuple(left))


def _require_names(names: Iterable[str], file: str) -> None:
    """Refuse what cannot name a folder: a results file may come from anywhere.

    Raises:
        UsageError: a name is of that kind.
    """
    for name in names:
        if not _NAME.fullmatch(name):
            raise UsageError(f"{file} holds a graph version of {name!r}, which is no SOP's name.")


def _place(one: Scored) -> tuple[int, str]:
    """The order of everything: it must not depend on which case was done first."""
    seed, case_id = key_of(one.gold)
    return (-1 if seed is None else seed), case_id


def _versions(scored: Sequence[Scored], file: str) -> dict[str, str]:
    """The version of each case type.

    Raises:
        UsageError: one was judged by two.
    """
    versions: dict[str, str] = {}
    for one in scored:
        version, kind = one.graph_version, one.gold.case_type
        if version and versions.setdefault(kind, version) != version:
            both = f"{versions[kind]} and {version}"
            raise UsageError(f"{file} holds cases of {kind} judged by {both}.", remedy=BY_ITSELF)
    return versions


def shared_with(champion: Iterable[Scored], mine: Measured) -> tuple[Scored, ...]:
    """The champion's cases of the types that a version decides; none where no case is in both."""
    types = {one.gold.case_type for one in mine.scored}
    same = sorted((one for one in champion if one.gold.case_type in types), key=_place)
    return tuple(same) if any(key_of(one.gold) in mine.keys for one in same) else ()


def attacks_on(attacks: Iterable[Attacks], mine: Measured) -> Attacks | None:
    """What the attack suite did to exactly this version, or None."""
    return next((one for one in attacks if one.graph_version == mine.graph_version), None)


def causes_of(errors: Errors, mine: Measured) -> tuple[Errors, int]:
    """Why cases of one version came out wrong.

    Returns:
        The causes of its wrong cases, and for how many of these there is none: they are not in
        the file, or came out otherwise there, so that the file tells of another run.
    """
    said: Mapping[Key, Attribution] = {(one.seed, one.case_id): one for one in errors.cases}
    missed = [one for one in mine.scored if wrong(one)]
    found = [said[key_of(one.gold)] for one in missed if _fits(said.get(key_of(one.gold)), one)]
    return grouped(found, len(mine.scored)), len(missed) - len(found)


def _fits(found: Attribution | None, one: Scored) -> bool:
    return found is not None and (found.gold, found.said) == (one.gold.outcome, one.predicted)


def read_attacks(path: Path) -> tuple[Attacks, ...]:
    """Read what an attack suite did: an object, or a list with one for each version.

    Raises:
        UsageError: the file cannot be read, or is none of that.
    """
    shape: TypeAdapter[Attacks | tuple[Attacks, ...]] = TypeAdapter(Attacks | tuple[Attacks, ...])
    found = _read(path, shape, "figures of an attack suite")
    return (found,) if isinstance(found, Attacks) else found


def read_errors(path: Path) -> Errors:
    """Read what ``eval errors --json`` printed.

    Raises:
        UsageError: the file cannot be read, or is none of that.
    """
    return _read(path, TypeAdapter(Errors), "output of `eval errors --json`")


def input_of(role: str, path: Path) -> Input:
    """A file by its name and the digest of its bytes.

    Raises:
        UsageError: it cannot be read.
    """
    return Input(role=role, name=path.name, sha256=hashlib.sha256(_bytes(path)).hexdigest())


def _read(path: Path, shape: TypeAdapter[M], what: str) -> M:
    try:
        return shape.validate_json(_bytes(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{path} is no {what}: {f'{where}: ' * bool(where)}{first['msg']}."
        ) from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
