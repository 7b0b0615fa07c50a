"""Prompt files: strict front matter, single substitution, one digest."""

import shutil
from pathlib import Path

import pytest

import agents
from agents.prompts import prompt, prompt_digest
from casewright.errors import EnvironmentFault, UnknownName

PROMPTS = Path(agents.__file__).parent / "prompts"

GOOD = "---\nversion: 3\nvariables: [name]\n---\nHello ${name}.\n"


@pytest.fixture
def folder(tmp_path):
    """A folder with one good prompt."""
    (tmp_path / "hello.md").write_text(GOOD)
    return tmp_path


def test_a_prompt_is_rendered(folder):
    hello = prompt("hello", folder)
    assert (hello.version, hello.variables) == (3, ("name",))
    assert hello.render({"name": "you"}) == "Hello you."


def test_a_value_cannot_name_another_variable(folder):
    (folder / "hello.md").write_text(GOOD.replace("[name]", "[name, b]") + "${b}")
    rendered = prompt("hello", folder).render({"name": "${b} $b $$", "b": "secret"})
    assert rendered == "Hello ${b} $b $$.\nsecret"


@pytest.mark.parametrize("values", [{}, {"name": "a", "more": "b"}, {"nom": "a"}])
def test_values_must_be_the_variables(folder, values):
    with pytest.raises(EnvironmentFault, match="needs the values"):
        prompt("hello", folder).render(values)


@pytest.mark.parametrize(
    "text",
    [
        "Hello.",
        "---\nversion: 1\n",
        "x\n---\nversion: 1\n---\nHello.",
        "---\nversion: one\n---\nHello.",
        "---\nversion: 0\n---\nHello.",
        "---\nversion: [\n---\nHello.",
        "---\n---\nHello.",
        "---\nversion: 1\nauthor: x\n---\nHello.",
        "---\nversion: 1\nvariables: [name]\n---\nHello.",
        "---\nversion: 1\n---\nHello ${name}.",
    ],
)
def test_a_file_that_is_no_prompt_is_refused(folder, text):
    (folder / "hello.md").write_text(text)
    with pytest.raises(EnvironmentFault):
        prompt("hello", folder)


def test_an_unknown_prompt_is_named_with_the_nearest():
    with pytest.raises(UnknownName, match="'read'"):
        prompt("raed")


def test_the_digest_changes_with_every_byte_and_name(folder):
    first = prompt_digest(folder)
    assert first == prompt_digest(folder)
    (folder / "hello.md").write_text(f"{GOOD} ")
    second = prompt_digest(folder)
    (folder / "hello.md").rename(folder / "hullo.md")
    third = prompt_digest(folder)
    (folder / "more.md").write_text("")
    assert len({first, second, third, prompt_digest(folder)}) == 4


def test_the_digest_of_the_package_covers_all_its_prompts(tmp_path):
    copied = shutil.copytree(PROMPTS, tmp_path / "prompts")
    assert prompt_digest() == prompt_digest(copied)
    for file in sorted(copied.glob("*.md")):
        kept = file.read_text()
        file.write_text(f"{kept}\n")
        assert prompt_digest(copied) != prompt_digest()
        file.write_text(kept)


@pytest.mark.parametrize("name", sorted(file.stem for file in PROMPTS.glob("*.md")))
def test_every_prompt_of_the_package_renders(name, snapshot):
    loaded = prompt(name)
    rendered = loaded.render({one: f"<{one}>" for one in loaded.variables})
    assert "${" not in rendered
    assert rendered == snapshot
