"""The Dockerfile, the compose file and the locks, read as what they say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from casewright.settings import Settings

ROOT = Path(__file__).parents[2]
SECRET = re.compile(r"password|secret|token|api_?key|sampling_key", re.IGNORECASE)
LOCKED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Instruction:
    """One instruction, and the stage it belongs to ("" before the first)."""

    word: str
    text: str
    stage: str

    @property
    def words(self) -> list[str]:
        """Its exec form, or its words without flags."""
        if self.text.startswith("["):
            return list(json.loads(self.text))
        return [word for word in self.text.split() if not word.startswith("--")]


@dataclass(frozen=True)
class Dockerfile:
    """All instructions of a Dockerfile, in their order."""

    instructions: tuple[Instruction, ...]

    @classmethod
    def of(cls, text: str) -> Dockerfile:
        lines = "".join(line for line in text.splitlines(True) if not line.lstrip().startswith("#"))
        found, stage = [], ""
        for line in lines.replace("\\\n", " ").splitlines():
            if not line.strip():
                continue
            word, _, rest = line.strip().partition(" ")
            if word == "FROM":
                stage = rest.split()[-1]
            found.append(Instruction(word, " ".join(rest.split()), stage))
        return cls(tuple(found))

    def all(self, word: str) -> list[Instruction]:
        return [one for one in self.instructions if one.word == word]

    def one(self, word: str) -> Instruction:
        (found,) = self.all(word)
        return found

    @cached_property
    def bases(self) -> dict[str, str]:
        """What each stage starts from."""
        return {one.stage: one.words[0] for one in self.all("FROM")}

    @property
    def environment(self) -> dict[str, str]:
        """What the images set."""
        given = [one.text for one in self.all("ENV") if one.stage == "system"]
        return dict(re.findall(r"(\w+)=(\S+)", " ".join(given)))

    @property
    def copied(self) -> list[str]:
        """What is taken from the repository."""
        ours = [one for one in self.all("COPY") if "--from=" not in one.text]
        return [path for one in ours for path in one.words[:-1]]

    @property
    def health(self) -> list[str]:
        """The command of the health check."""
        return list(json.loads(self.one("HEALTHCHECK").text.partition("CMD ")[2]))


@pytest.fixture(scope="session")
def dockerfile() -> Dockerfile:
    return Dockerfile.of((ROOT / "Dockerfile").read_text("utf-8"))


@pytest.fixture(scope="session")
def compose() -> Any:
    return YAML(typ="safe", pure=True).load(ROOT / "compose.yaml")


@pytest.fixture(scope="session")
def locked() -> dict[str, dict[str, str]]:
    """Versions by package, of each lock."""
    return {
        path.name.removesuffix(".lock"): dict(LOCKED.findall(path.read_text("utf-8")))
        for path in ROOT.glob("requirements*.lock")
    }


@pytest.fixture(scope="session")
def unknown_settings() -> Any:
    """Which of some variables start with ``CASEWRIGHT_`` and name no setting."""

    def unknown(variables: Iterable[str]) -> list[str]:
        ours = (name for name in variables if name.startswith("CASEWRIGHT_"))
        fields = Settings.model_fields
        return [name for name in ours if name.removeprefix("CASEWRIGHT_").lower() not in fields]

    return unknown


@pytest.fixture(scope="session")
def literal_secrets() -> Any:
    """Which variables of a mapping look like a secret and hold one literally."""

    def found(variables: dict[str, Any]) -> list[str]:
        return [
            name
            for name, value in variables.items()
            if SECRET.search(name) and not str(value).startswith("${")
        ]

    return found
