"""What expressions see: names and what they stand for, what was read of them, what was lacking.

A value of None means unknown. A field that holds null is absent, so CEL's null never occurs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from casewright.pointer import pointer_of

Path = tuple[str | int, ...]
"""Root name and then field names or indices, as in ``("scans", "first", "at")``."""


class Gap(NamedTuple):
    """Why something is unknown: which root (an action or a factor) lacks what."""

    root: str
    reason: str


@dataclass(frozen=True)
class Unknown:
    """Stands in a scope where a value would be."""

    gaps: tuple[Gap, ...]

    @classmethod
    def of(cls, root: str, reason: str) -> Unknown:
        """An unknown with one gap."""
        return cls((Gap(root, reason),))


class Read(NamedTuple):
    """A field that was read: the root's name and the JSON Pointer below it."""

    root: str
    pointer: str


@dataclass(frozen=True)
class Bound:
    """What a name stands for.

    Attributes:
        value: A Python value (datetimes for timestamps) or Unknown, possibly nested.
        root: The name that reads are reported under.
        path: Where the value lies below the root (for variables of ``exists`` and ``all``).
        complete: False where a list below may be cut, so that an absence proves nothing.
        cut: Why it may be cut, or empty.
    """

    value: Any
    root: str
    path: Path = ()
    complete: bool = True
    cut: str = ""


Scope = Mapping[str, Bound]


@dataclass(frozen=True)
class Result:
    """A value, or None for unknown; what determined it; and what was lacking."""

    value: Any
    reads: tuple[Read, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None


def resolve(path: Path, scope: Scope) -> Bound:
    """What lies at the path: its value or Unknown, and where it was found below the root."""
    root = str(path[0])
    bound = scope.get(root) or Bound(Unknown.of(root, f"{root} is not there"), root)
    value = bound.value
    for depth, step in enumerate(path[1:], start=1):
        if isinstance(value, Unknown):
            break
        value = _step(value, step, bound.root, path[: depth + 1])
    if value is None:
        value = Unknown.of(bound.root, f"{spelled(path)} is absent")
    return Bound(value, bound.root, (*bound.path, *path[1:]), bound.complete, bound.cut)


def _step(value: Any, step: str | int, root: str, path: Path) -> Any:
    try:
        found = value[step]
    except (KeyError, IndexError, TypeError):
        found = None
    if found is None:
        return Unknown.of(root, f"{spelled(path)} is absent")
    return found


def found(bound: Bound) -> Result:
    """A name's or a path's value, citing itself."""
    if isinstance(bound.value, Unknown):
        return Result(None, gaps=bound.value.gaps)
    return Result(bound.value, (read_of(bound),))


def cut_lists(bounds: Iterable[Bound]) -> tuple[Gap, ...]:
    """The gaps of lists whose source did not say that they are complete."""
    return tuple(
        Gap(bound.root, "the list may be cut" + (f" ({bound.cut})" if bound.cut else ""))
        for bound in bounds
        if not bound.complete and isinstance(bound.value, list | tuple)
    )


def spelled(path: Path) -> str:
    """The path as an expression writes it."""
    return ".".join(map(str, path))


def within(read: Read, whole: Read) -> bool:
    """Whether a field lies at or below another."""
    below = f"{read.pointer}/".startswith(f"{whole.pointer}/")
    return below and read.root == whole.root


def read_of(bound: Bound) -> Read:
    """The read of what a name or a path stands for."""
    return Read(bound.root, pointer_of(bound.path))


def reads_of(results: Iterable[Result]) -> tuple[Read, ...]:
    """What determined the results, each once."""
    return merged(*(result.reads for result in results))


def gaps_of(results: Iterable[Result]) -> tuple[Gap, ...]:
    """What the unknown ones among the results lack, each once."""
    return merged(*(result.gaps for result in results if not result.known))


def merged(*groups: tuple[Any, ...]) -> tuple[Any, ...]:
    """The members of all groups in order, each once."""
    return tuple(dict.fromkeys(item for group in groups for item in group))
