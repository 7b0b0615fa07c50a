"""Runs every fence of README and docs/.

``console`` fences are sessions: each ``$`` line is run in the page's own folder with the page's own
home, and what follows must be its output, where ``…`` stands for anything. ``toml``, ``yaml`` and
``json`` fences must parse, ``python`` fences must run, ``mermaid`` fences must name real nodes.
Where the text before a fence ends in a file's name and a colon, the fence is that file or, as
``diff``, what changes in it (``@@`` stands between changes). A fence of any other language fails,
so that none goes unchecked.
"""

from __future__ import annotations

import json
import os
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
NAMED = re.compile(r"`([\w./]+/[\w.]+)`:\n\n\Z")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Fence:
    """A fence with its place."""

    language: str
    text: str
    line: int
    file: str = ""


def fences(page: Path) -> Iterator[Fence]:
    text = page.read_text("utf-8")
    for match in FENCE.finditer(text):
        named = NAMED.search(text, 0, match.start())
        line = text.count("\n", 0, match.start()) + 1
        yield Fence(match[1], match[2], line, named[1] if named else "")


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
    for drawn in Path().glob("*.svg"):
        kept = ROOT / "docs" / "images" / drawn.name
        assert kept.read_text("utf-8") == drawn.read_text("utf-8"), f"copy {drawn} to {kept}"


def hold(fence: Fence, capsys: pytest.CaptureFixture[str]) -> None:
    if fence.file and fence.language == "diff":
        change(Path(fence.file), fence.text)
        return
    if fence.file:
        Path(fence.file).write_text(fence.text, "utf-8")
    match fence.language:
        case "console":
            session(fence.text, capsys)
        case "toml":
            tomllib.loads(fence.text)
        case "yaml":
            YAML(typ="safe", pure=True).load(fence.text)
        case "csv" | "markdown":
            assert fence.file, "a table or a text that is no file"
        case "json":
            json.loads(fence.text)
        case "python":
            exec(compile(fence.text, "fence", "exec"), {"__name__": "fence"})
        case "mermaid":
            nodes = set(re.findall(r"\b([a-z]+)\b", " ".join(re.findall(r"\w+", fence.text))))
            assert {*GUARDED, *UNGUARDED} <= nodes, "the diagram lacks a node"
        case other:
            raise AssertionError(f"nobody checks a fence of language {other!r}")


def change(path: Path, hunks: str) -> None:
    """Lines with ``-`` go, those with ``+`` come, the others stay."""
    text = path.read_text("utf-8")
    for hunk in hunks.split("@@\n"):
        lines = hunk.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] != "+")
        new = "".join(line[1:] for line in lines if line[0] != "-")
        assert text.count(old) == 1, f"{path} does not hold once:\n{old}"
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


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
    elif program == "cd" and Path(arguments[0]).is_dir():
        os.chdir(arguments[0])
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
    with pytest.raises(AssertionError):
        hold(Fence("csv", "a,b\n", 1), capsys)


def test_files_of_a_page_are_written_and_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "page.md").write_text(
        "Save as `data/a.csv`:\n\n```csv\na\nb\nc\n```\n\nIn `data/a.csv`:\n\n"
        "```diff\n-a\n+A\n@@\n b\n+B\n c\n```\n\nNot in `data/a.csv`: this.\n\n```json\n{}\n```\n"
    )
    table, changes, other = fences(tmp_path / "page.md")
    assert (table.file, changes.file, other.file) == ("data/a.csv", "data/a.csv", "")
    Path(table.file).write_text(table.text)
    change(Path(changes.file), changes.text)
    assert (tmp_path / "data" / "a.csv").read_text() == "A\nb\nB\nc\n"
    with pytest.raises(AssertionError, match="does not hold once"):
        change(Path(changes.file), changes.text)


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
