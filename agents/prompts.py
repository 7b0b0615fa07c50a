"""Prompts: Markdown files with YAML front matter, rendered strictly, and digested together.

The front matter names ``version`` (an integer) and ``variables``; the body uses each of them as
``${name}``. Nothing that a party wrote can add a variable: values are put in once, not rescanned.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template

from pydantic import Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from casewright.errors import EnvironmentFault, UnknownName
from casewright.models import Model

_FENCE = "---\n"


class _FrontMatter(Model):
    version: int = Field(ge=1)
    variables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prompt:
    """One prompt file.

    Attributes:
        name: File name without ``.md``.
        version: Rises with every change of meaning.
        variables: Names that :meth:`render` needs.
        body: The text with its ``${…}`` places.
    """

    name: str
    version: int
    variables: tuple[str, ...]
    body: str

    def render(self, values: Mapping[str, str]) -> str:
        """The body with every variable filled in.

        Args:
            values: Exactly the variables of the prompt.

        Raises:
            EnvironmentFault: a value is missing or not asked for.
        """
        if set(values) != set(self.variables):
            raise EnvironmentFault(
                f"Prompt {self.name!r} needs the values {sorted(self.variables)}, "
                f"and was given {sorted(values)}.",
                remedy="Reinstall casewright: its prompts do not fit its code.",
            )
        return Template(self.body).substitute(values)


def prompt(name: str, folder: Traversable | None = None) -> Prompt:
    """Load one prompt.

    Args:
        name: File name without ``.md``.
        folder: Where to look; None for the prompts of this package.

    Raises:
        UnknownName: there is no such prompt.
        EnvironmentFault: the file is not a prompt.
    """
    return _own(name) if folder is None else _found(name, folder)


@lru_cache(maxsize=64)
def _own(name: str) -> Prompt:
    return _found(name, None)


def _found(name: str, folder: Traversable | None) -> Prompt:
    found = _prompt_files(folder)
    if f"{name}.md" not in found:
        raise UnknownName.among("prompt", name, (file.removesuffix(".md") for file in found))
    return _parsed(name, found[f"{name}.md"].read_text(encoding="utf-8"))


def prompt_digest(folder: Traversable | None = None) -> str:
    """Lower-case hex sha-256 over the names and bytes of all prompts: a part of graph versions."""
    total = hashlib.sha256()
    for name, file in sorted(_prompt_files(folder).items()):
        content = file.read_bytes()
        total.update(f"{name} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def prompt_texts(folder: Traversable | None = None) -> dict[str, str]:
    """All prompts as they are written, by file name."""
    return {name: file.read_text("utf-8") for name, file in _prompt_files(folder).items()}


def _prompt_files(folder: Traversable | None) -> dict[str, Traversable]:
    folder = folder or files("agents").joinpath("prompts")
    return {file.name: file for file in folder.iterdir() if file.name.endswith(".md")}


def _parsed(name: str, text: str) -> Prompt:
    before, _, rest = text.partition(_FENCE)
    header, fence, body = rest.partition(_FENCE)
    if before or not fence:
        raise EnvironmentFault(f"Prompt {name!r} has no front matter.")
    try:
        front = _FrontMatter.model_validate(YAML(typ="safe").load(header))
    except (YAMLError, ValidationError) as error:
        raise EnvironmentFault(f"The front matter of prompt {name!r} is wrong: {error}.") from error
    places = set(Template(body).get_identifiers())
    if places != set(front.variables):
        raise EnvironmentFault(
            f"Prompt {name!r} declares {sorted(front.variables)} and uses {sorted(places)}."
        )
    return Prompt(name, front.version, front.variables, body.strip())
