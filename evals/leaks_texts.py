"""Texts that a graph version is made of: whether a gold case stands in one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from casewright.models import Note
from evals.leaks import Channel, Leak, Suite

RUN_OF_WORDS: Final = 12
"""So many words of a case's text in a row, standing elsewhere, are no chance."""

TELLING: Final = re.compile(r"(?=.*\d).{6,}")
"""What an id looks like that stands nowhere by chance."""

_TOKEN: Final = re.compile(r"[\w][\w:.\-]*[\w]")
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True)
class Text:
    """A text, and where it stands.

    Attributes:
        name: What people call it.
        content: What it says.
        channel: What it leaks through.
    """

    name: str
    content: str
    channel: Channel = "prompts"


@dataclass(frozen=True)
class Haystack:
    """Texts, ready to be looked through: their tokens, and their runs of words."""

    tokens: Mapping[str, Text] = field(default_factory=dict)
    runs: Mapping[tuple[str, ...], Text] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Iterable[Text]) -> Haystack:
        """Take texts apart."""
        tokens: dict[str, Text] = {}
        runs: dict[tuple[str, ...], Text] = {}
        for text in texts:
            for token in _TOKEN.findall(text.content):
                tokens.setdefault(token, text)
            for run in _runs(text.content):
                runs.setdefault(run, text)
        return cls(tokens, runs)

    def quoting(self, words: str) -> Text | None:
        """The text that holds a run of these words; None where none does."""
        return next((self.runs[run] for run in _runs(words) if run in self.runs), None)


def named(suite: Suite, haystack: Haystack) -> Iterator[Leak]:
    """Cases whose id, subject or words stand in a text."""
    for gold in suite.gold:
        case = suite.cases.get(gold.case_id)
        for name in (gold.case_id, *sorted(case.subject.values() if case else ())):
            text = haystack.tokens.get(name)
            if text is not None and TELLING.fullmatch(name):
                yield Leak.of(gold, text.channel, f"{name} stands in {text.name}")
        quoting = haystack.quoting(case.text) if case else None
        if quoting is not None:
            yield Leak.of(gold, quoting.channel, f"its text stands in {quoting.name}")


def of_files(files: Mapping[str, str], sop: str) -> Iterator[Text]:
    """The files of an SOP as a version holds them; classifiers are numbers."""
    return (
        Text(f"{name} of {sop}", content)
        for name, content in files.items()
        if not name.endswith(".json")
    )


def of_notes(notes: Iterable[Note]) -> Iterator[Text]:
    """The notes of experts."""
    for one in notes:
        said = (one.text, one.reason, one.scope.when)
        yield Text(f"the note {one.note_id}", "\n".join(said))


def of_folder(folder: Path, files: Iterable[str], gold: Iterable[Path] = ()) -> Iterator[Text]:
    """Whatever else lies in an SOP's folder beside its gold cases, as far as it is text.

    Args:
        folder: The folder.
        files: Names of the files that the version holds, which are looked at by themselves.
        gold: Gold files, wherever they lie; those that are called ``gold`` are taken as such.
    """
    held, apart = set(files), {path.resolve() for path in gold}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name in held or path.stem == "gold" or path.resolve() in apart:
            continue
        try:
            yield Text(f"{folder.name}/{name}", path.read_text("utf-8"), "sop folder")
        except (UnicodeDecodeError, OSError):  # no text, so nothing that names a case
            continue


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return (tuple(words[at : at + RUN_OF_WORDS]) for at in range(len(words) - RUN_OF_WORDS + 1))
