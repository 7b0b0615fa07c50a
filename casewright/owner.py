"""Guards against another distribution's folder of the same name being imported instead of ours."""

from __future__ import annotations

from importlib import import_module

from casewright.errors import EnvironmentFault, WrongPackage

FOLDERS = ("tools", "knowledge_base", "agents", "graphs", "review", "evals", "sandbox")
OURS = "casewright"
REMEDY = (
    "Install casewright into an environment of its own: `pipx install casewright` or"
    " `uv tool install casewright`."
)


def require_ours(folders: tuple[str, ...] = FOLDERS) -> None:
    """Make sure that every folder that is imported by name is ours.

    Raises:
        WrongPackage: one is not; the message names the file that was found.
        EnvironmentFault: one cannot be imported at all.
    """
    for name in folders:
        try:
            module = import_module(name)
        except ImportError as error:
            told = f"The folder {name!r} cannot be imported: {error}."
            raise EnvironmentFault(told, remedy=REMEDY) from error
        if getattr(module, "OWNER", None) != OURS:
            found = module.__file__ or "a foreign folder"
            raise WrongPackage(f"The name {name!r} is taken by {found}.", remedy=REMEDY)


def clashes(folders: tuple[str, ...] = FOLDERS) -> dict[str, list[str]]:
    """Other installed distributions that bring a folder of one of our names, by name."""
    from importlib.metadata import packages_distributions

    owners = packages_distributions()
    foreign = {name: [d for d in owners.get(name, []) if d != OURS] for name in folders}
    return {name: sorted(set(found)) for name, found in foreign.items() if found}
