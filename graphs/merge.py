"""Documents laid over one another, each part of the result keeping the place it was written at.

Maps are merged key by key, anything else is replaced, and ``null`` leaves a part out: a JSON Merge
Patch (RFC 7396), which here also refuses to leave out what is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from casewright.document import Document, Place, Where, unknown_name


@dataclass(frozen=True)
class Part:
    """A value and the place it was written at.

    Attributes:
        document: Where it was written.
        where: The path to it there.
        content: Parts by key, a list of parts, or a plain value.
    """

    document: Document
    where: Where
    content: Any

    @classmethod
    def of(cls, document: Document, where: Where = (), value: Any = ...) -> Part:
        """A document, or the value at a path in it, as parts."""
        value = document.value if value is ... else value
        if isinstance(value, dict):
            below = {key: cls.of(document, (*where, key), one) for key, one in value.items()}
            return cls(document, where, below)
        if isinstance(value, list):
            return cls(
                document, where, [cls.of(document, (*where, i), v) for i, v in enumerate(value)]
            )
        return cls(document, where, value)

    @property
    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.content, dict):
            return {key: part.plain for key, part in self.content.items()}
        if isinstance(self.content, list):
            return [part.plain for part in self.content]
        return self.content

    @property
    def files(self) -> Iterator[str]:
        """The file of each plain value below."""
        if isinstance(self.content, dict):
            yield from (file for part in self.content.values() for file in part.files)
        elif isinstance(self.content, list):
            yield from (file for part in self.content for file in part.files)
        else:
            yield self.document.file

    def at(self, where: Sequence[str | int]) -> tuple[Part, Where]:
        """The deepest part of a path that exists, and what of the path is left."""
        part = self
        for depth, step in enumerate(where):
            try:
                part = part.content[step]
            except (KeyError, IndexError, TypeError):
                return part, tuple(where[depth:])
        return part, ()


@dataclass(frozen=True)
class Merged(Document):
    """A document put together of parts of several.

    Attributes:
        whole: Its parts.
        fragments: Names of the fragments among them.
    """

    whole: Part | None = None
    fragments: tuple[str, ...] = ()

    def place(self, where: Sequence[str | int]) -> Place:
        """File, line and column of the deepest part of the path, where it was written."""
        if self.whole is None:
            return super().place(where)
        part, rest = self.whole.at(where)
        return part.document.place((*part.where, *rest))

    def position(self, where: Sequence[str | int]) -> tuple[int, int]:
        """Line and column of :meth:`place`."""
        _, line, column = self.place(where)
        return line, column


def written_in(document: Document, where: Where) -> str:
    """Which other files than its own a document's part came from, and what its own changed.

    Empty where the document's own file says all of it.
    """
    part, rest = parts_of(document).at(where)
    below = part.content if isinstance(part.content, dict) else {}
    others = [file for file in dict.fromkeys(part.files) if file != document.file]
    if rest or not others:
        return ""
    here = [str(key) for key, one in below.items() if document.file in one.files]
    return ", ".join(others) + (f"; here: {', '.join(here)}" if here else "")


def laid_over(below: Part, above: Part) -> Part:
    """``below`` with what ``above`` says put in its place.

    Raises:
        SopError: ``above`` leaves out what is not there.
    """
    if not (isinstance(below.content, dict) and isinstance(above.content, dict)):
        return above
    merged = dict(below.content)
    for key, part in above.content.items():
        if part.content is not None:
            merged[key] = laid_over(merged[key], part) if key in merged else part
        elif key in merged:
            del merged[key]
        else:
            raise unknown_name(part.document, part.where, "part to leave out", str(key), merged)
    return replace(above, content=merged)


def with_rows(table: Part, changes: Part) -> Part:
    """A table with single rows changed, left out or put in.

    Args:
        table: The rows.
        changes: What to put in place by a row's number (from 1, as the table has it) or id; a row
            of a new id stands last, or before the row that its ``before`` names.

    Raises:
        SopError: there is no such row.
    """
    rows: dict[str, Part] = {
        _row_id(row) or str(number): row for number, row in enumerate(table.content, start=1)
    }
    named = {str(number): name for number, name in enumerate(rows, start=1)}
    for key, change in changes.content.items():
        name = named.get(str(key), str(key))
        if name in rows and change.content is None:
            del rows[name]
        elif name in rows:
            rows[name] = laid_over(rows[name], change)
        else:
            rows = _with_row(rows, name, change, named)
    return replace(table, content=list(rows.values()))


def _with_row(
    rows: dict[str, Part], name: str, row: Part, named: Mapping[str, str]
) -> dict[str, Part]:
    content = dict(row.content) if isinstance(row.content, dict) else {}
    if not {"if", "then"} <= content.keys():
        raise unknown_name(row.document, row.where, "row", name, {*rows, *named})
    names = list(rows)
    place = len(names)
    if before := content.pop("before", None):
        below = named.get(str(before.content), str(before.content))
        if below not in rows:
            raise unknown_name(row.document, before.where, "row", below, {*rows, *named})
        place = names.index(below)
    new = replace(row, content={"id": Part(row.document, row.where, name), **content})
    return {one: rows.get(one, new) for one in (*names[:place], name, *names[place:])}


def _row_id(row: Part) -> str:
    found = row.content.get("id") if isinstance(row.content, dict) else None
    return str(found.content) if found else ""


def parts_of(document: Document) -> Part:
    """A document as parts, which know where each stands."""
    whole = document.whole if isinstance(document, Merged) else None
    return whole or Part.of(document)
