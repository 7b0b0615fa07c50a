"""Guards against another distribution's folder of the same name being imported instead of ours."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import packages_distributions

from casewright.errors import WrongPackage

FOLDERS = ("tools", "knowledge_base", "agents", "graphs", "review", "evals", "sandbox")
OURS = "casewright"


def require_ours(folders: tuple[str, ...] = FOLDERS) -> None:
    """Make sure that every folder that is imported by name is ours.

    Raises:
        WrongPackage: one is not; the message names the file that was found.
    """
    for name in folders:
        module = import_module(name)
        if getattr(module, "OWNER", None) != OURS:
            raise WrongPackage(
                f"The name {name!r} is taken by {module.__file__ or 'a foreign folder'}.",
                remedy="Install casewright into an environment of its own: `pipx install"
                " casewright` or `uv tool install casewright`.",
            )


def clashes(folders: tuple[str, ...] = FOLDERS) -> dict[str, list[str]]:
    """Other installed distributions that bring a folder of one of our names, by name."""
    owners = packages_distributions()
    foreign = {name: [d for d in owners.get(name, []) if d != OURS] for name in folders}
    return {name: sorted(set(found)) for name, found in foreign.items() if found}
