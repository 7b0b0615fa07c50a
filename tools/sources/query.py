"""A SELECT with named parameters, told apart from what only looks like one."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<quoted>'(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    | (?P<comment>--[^\n]* | /\*.*?\*/)
    | (?P<cast>::)
    | :(?P<name>[A-Za-z_]\w*)
    | (?P<end>;)
    | (?P<other>\w+ | .)
    """,
    re.VERBOSE | re.DOTALL,
)
_READING = ("select", "with")


@dataclass(frozen=True)
class NamedQuery:
    """One SELECT in parts: every second part is a parameter's name.

    Values are bound by the database; none ever becomes part of the text.
    """

    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> NamedQuery:
        """Find the parameters: ``:name`` outside of quotes, comments and casts.

        Raises:
            ValueError: it does not begin with SELECT or WITH, or is more than one statement.
        """
        parts, words, ended = [""], [], False
        for match in _TOKEN.finditer(text.strip()):
            telling = match.lastgroup != "comment" and not match[0].isspace()
            if ended and telling:
                raise ValueError("a query is one statement")
            if match["end"]:
                ended = True
            elif match["name"]:
                parts += [match["name"], ""]
            else:
                parts[-1] += " " if match["comment"] else match[0]
            words += [match[0].lower()] if telling else []
        if not words or words[0] not in _READING:
            raise ValueError("a query begins with SELECT or WITH")
        return cls(tuple(parts))

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, each once."""
        return tuple(dict.fromkeys(self.parts[1::2]))

    def dollars(self) -> str:
        """The text as DuckDB takes it, with ``$name``."""
        return "".join(f"${part}" if index % 2 else part for index, part in enumerate(self.parts))

    def colons(self) -> str:
        r"""The text as SQLAlchemy's ``text()`` takes it; other colons are written ``\:``."""
        return "".join(
            f":{part}" if index % 2 else _escaped(part) for index, part in enumerate(self.parts)
        )


def _escaped(text: str) -> str:
    return re.sub(r"(?<!:):(?=\w)", r"\\:", text)
