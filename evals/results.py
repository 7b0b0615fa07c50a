"""A file of scored cases, one JSON object a line, written as they are done.

Every line is written whole and flushed to the disk before the next case counts as done. What a
crash may leave is a last line without its end: it is cut off when the file is opened again, and
that case is judged again. Where a case stands twice, the later line holds.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from casewright.errors import EnvironmentFault, UsageError
from casewright.models import GoldCase
from evals.scored import Scored

Key = tuple[int | None, str]
"""The simulated world of a case, or None, and its id: every world numbers its cases from one."""

ANEW = "Give another file to --out, or delete this one to judge all cases anew."


def key_of(gold: GoldCase) -> Key:
    """What a gold case is known by in a results file."""
    return gold.seed, gold.case_id


def load_results(path: Path) -> tuple[Scored, ...]:
    """Read the scored cases of a file, without a last line that was never finished.

    Raises:
        UsageError: the file cannot be read, holds no case or a line that is no Scored.
    """
    try:
        whole, _ = _split(path.read_bytes())
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}.",
            remedy=f"`casewright eval run --out {path}` makes it.",
        ) from error
    found = tuple(_parsed(path, whole).values())
    if not found:
        raise UsageError(f"{path} holds no scored case.")
    return found


class Results:
    """A results file that is open. Make it with :func:`open_results`."""

    def __init__(self, path: Path, file: int, found: dict[Key, Scored]) -> None:
        self.path = path
        self._file = file
        self._found = found

    def require_worlds(self, seeds: Collection[int]) -> None:
        """Refuse a file that holds cases of other simulated worlds than these.

        Raises:
            UsageError: it does.
        """
        others = [key for key in self._found if key[0] not in seeds]
        if others:
            raise self._refused(f"holds {_told(others)} of another world than the command names")

    def kept(
        self, gold: Sequence[GoldCase], versions: Collection[str], *, world: int | None = None
    ) -> dict[Key, Scored]:
        """The cases that need not be judged again, by key.

        A case that failed before any graph version ran is none of them.

        Args:
            gold: All gold cases of this world that the command could judge.
            versions: The graph versions that it would judge them with.
            world: Seed of the simulated world; None: the file holds no other cases than ``gold``.

        Raises:
            UsageError: the file holds cases of other gold, or judged by another version.
        """
        wanted = {key_of(one): one for one in gold}
        mine = {key: one for key, one in self._found.items() if world is None or key[0] == world}
        others = [key for key in mine if key not in wanted]
        if others:
            raise self._refused(f"holds {_told(others)} that this command would not judge")
        for key, one in mine.items():
            self._require_same(one, wanted[key], versions)
        return {key: one for key, one in mine.items() if one.graph_version}

    def _require_same(self, one: Scored, gold: GoldCase, versions: Collection[str]) -> None:
        if one.gold.model_dump(mode="json") != gold.model_dump(mode="json"):
            raise self._refused(
                f"holds {gold.case_id!r} with other gold than the gold file has now"
            )
        if one.graph_version and one.graph_version not in versions:
            now = _now(one.graph_version, versions)
            raise self._refused(f"was judged by {one.graph_version}; now it would be {now}")

    def _refused(self, why: str) -> UsageError:
        return UsageError(f"{self.path} {why}.", remedy=ANEW)

    def add(self, scored: Scored) -> None:
        """Write a case down; it is on the disk when this returns.

        Raises:
            EnvironmentFault: the disk is full, or otherwise does not take it.
        """
        line = scored.model_dump_json().encode() + b"\n"
        before = os.fstat(self._file).st_size
        try:
            while line:
                line = line[os.write(self._file, line) :]
            os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, before)
            told = f"{self.path} cannot be written: {error.strerror}."
            raise EnvironmentFault(told, remedy="Then run the same command again.") from error
        self._found[key_of(scored.gold)] = scored


def require_repeats(path: Path, kept: Iterable[Scored], repeats: int) -> None:
    """Refuse to go on with cases that were judged another number of times.

    Raises:
        UsageError: one of them was.
    """
    for one in kept:
        if one.traits is not None and len(one.traits.repeats) + 1 != repeats:
            times = len(one.traits.repeats) + 1
            told = f"{path} holds cases that were judged {times} times, not {repeats}."
            raise UsageError(told, remedy=ANEW)


@contextmanager
def open_results(path: Path) -> Iterator[Results]:
    """Open a results file to go on with; where there is none, it is made.

    Raises:
        UsageError: it cannot be opened or made, or holds a whole line that is no Scored.
    """
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        whole, broken = _split(path.read_bytes())
        found = _parsed(path, whole)  # before anything is cut off: it may be no results file
        if broken:
            os.ftruncate(file, len(whole))
        yield Results(path, file, found)
    finally:
        os.close(file)


def _split(content: bytes) -> tuple[bytes, bytes]:
    """The finished lines, and what stands after the last of them."""
    end = content.rfind(b"\n") + 1
    return content[:end], content[end:]


def _parsed(path: Path, whole: bytes) -> dict[Key, Scored]:
    found: dict[Key, Scored] = {}
    # Not splitlines: JSON strings may hold U+2028 and its like as they are.
    for number, line in enumerate(whole.split(b"\n"), start=1):
        if line.strip():
            one = _scored(path, number, line)
            found[key_of(one.gold)] = one
    return found


def _scored(path: Path, number: int, line: bytes) -> Scored:
    try:
        return Scored.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{path}:{number}: this is no scored case: {f'{where}: ' * bool(where)}{first['msg']}.",
            remedy="Give a file that `eval run --out` wrote.",
        ) from error


def _now(version: str, versions: Collection[str]) -> str:
    """The versions to be told beside another: of the same SOP, where there are any."""
    sop = version.partition("@")[0]
    same = [one for one in versions if one.partition("@")[0] == sop]
    return ", ".join(sorted(same or versions)) or "no version at all"


def _told(keys: Iterable[Key]) -> str:
    found = list(keys)
    seed, case_id = found[0]
    world = "" if seed is None else f" of seed {seed}"
    return f"{len(found)} case{'s' * (len(found) > 1)} ({case_id}{world} first)"
