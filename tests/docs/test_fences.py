"""Runs every fence of README and docs/.

``console`` fences are sessions: each ``$`` line is run in the page's own folder with the page's own
home, and what follows must be its output, where ``…`` stands for anything. ``toml``, ``yaml`` and
``json`` fences must parse, ``python`` fences must run, ``mermaid`` fences must name real nodes.
A fence of any other language fails, so that none goes unchecked.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import cli
from graphs.compile import GUARDED, UNGUARDED

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Fence:
    """A fence with its place."""

    language: str
    text: str
    line: int


def fences(page: Path) -> Iterator[Fence]:
    text = page.read_text("utf-8")
    for match in FENCE.finditer(text):
        yield Fence(match[1], match[2], text.count("\n", 0, match.start()) + 1)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_fence_holds(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASEWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CASEWRIGHT_REVIEWER", "qa")
    monkeypatch.setenv("COLUMNS", "100")
    for fence in fences(page):
        try:
            hold(fence, capsys)
        except (AssertionError, ValueError) as error:
            pytest.fail(f"{page.name}:{fence.line}: {error}")


def hold(fence: Fence, capsys: pytest.CaptureFixture[str]) -> None:
    match fence.language:
        case "console":
            session(fence.text, capsys)
        case "toml":
            tomllib.loads(fence.text)
        case "yaml":
            YAML(typ="safe", pure=True).load(fence.text)
        case "json":
            json.loads(fence.text)
        case "python":
            exec(compile(fence.text, "fence", "exec"), {"__name__": "fence"})
        case "mermaid":
            nodes = set(re.findall(r"\b([a-z]+)\b", " ".join(re.findall(r"\w+", fence.text))))
            assert {*GUARDED, *UNGUARDED} <= nodes, "the diagram lacks a node"
        case other:
            raise AssertionError(f"nobody checks a fence of language {other!r}")


def session(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command, expected in steps(text):
        shown = run(command, capsys)
        assert matches(expected, shown), f"`{command}` printed:\n{shown}\nnot:\n{expected}"


def steps(text: str) -> Iterator[tuple[str, str]]:
    for block in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = block.partition("\n")
        yield command.strip(), expected.strip("\n")


def run(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    program, *arguments = shlex.split(command)
    capsys.readouterr()
    if program == "casewright":
        cli.run(arguments)
    elif program == "make":
        # That they work is shown by being inside one of them; here they must exist.
        subprocess.run(["make", "-n", "-C", str(ROOT), *arguments], check=True, capture_output=True)
        return ""
    elif program in ("git", "cd", "pipx"):
        return ""
    else:
        raise AssertionError(f"nobody runs {program!r}")
    told = capsys.readouterr()
    return told.err + told.out


def matches(expected: str, shown: str) -> bool:
    """Whether the expected lines stand in the output, ``…`` for anything."""
    pattern = ".*".join(re.escape(part) for part in expected.split("…"))
    lines = "\n".join(line.rstrip() for line in shown.splitlines())
    return re.search(pattern, lines, flags=re.DOTALL) is not None


def test_the_runner_can_fail(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AssertionError):
        session("$ casewright sop list\nno such line\n", capsys)
    with pytest.raises(AssertionError):
        hold(Fence("fortran", "", 1), capsys)


def test_every_setting_is_documented() -> None:
    from casewright.settings import Settings

    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    missing = [name for name in Settings.model_fields if f"`{name}`" not in page]
    assert not missing


def test_every_command_is_documented() -> None:
    import typer

    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    missing = [
        name for name in commands(typer.main.get_command(cli.app)) if f"`{name}`" not in page
    ]
    assert not missing


def commands(group: Any, prefix: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}"
