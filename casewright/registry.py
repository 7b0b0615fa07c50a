"""Plugins: named parts that installed packages offer through the entry point group.

An entry point in group ``casewright.plugins`` names a module with one function,
``register(registry)``. The built-in tools come in by the same door.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TypeVar

from casewright.errors import EnvironmentFault, UnknownName, UsageError

GROUP = "casewright.plugins"

BROKEN = (ImportError, SyntaxError, NameError, AttributeError, TypeError, ValueError, OSError)
"""What importing a module that is out of order, or written for another version, raises."""

Part = TypeVar("Part")


class Registry:
    """Named parts by kind, such as kind ``tool``, name ``get_order``."""

    def __init__(self) -> None:
        self._parts: dict[str, dict[str, object]] = {}

    def add(self, kind: str, name: str, part: object) -> None:
        """Register ``part``.

        Raises:
            UsageError: the name is taken; two plugins may not shadow each other.
        """
        named = self._parts.setdefault(kind, {})
        if name in named:
            raise UsageError(f"Two plugins register the {kind} {name!r}.", remedy="Remove one.")
        named[name] = part

    def get(self, kind: str, name: str, of: type[Part]) -> Part:
        """The part of that kind and name.

        Raises:
            UnknownName: nothing of that name is registered.
            UsageError: what is registered is not an ``of``.
        """
        named = self._parts.get(kind, {})
        if name not in named:
            raise UnknownName.among(kind, name, named)
        part = named[name]
        if not isinstance(part, of):
            raise UsageError(f"The {kind} {name!r} is a {type(part).__name__}, not {of.__name__}.")
        return part

    def all(self, kind: str, of: type[Part]) -> dict[str, Part]:
        """All parts of a kind by name."""
        return {name: self.get(kind, name, of) for name in self._parts.get(kind, {})}


def load_plugins(group: str = GROUP) -> Registry:
    """Import every plugin of the group and let it register its parts.

    Raises:
        EnvironmentFault: a plugin cannot be imported or has no ``register``.
    """
    registry = Registry()
    for entry in sorted(entry_points(group=group), key=lambda point: point.name):
        try:
            register = entry.load().register
        except BROKEN as error:
            raise EnvironmentFault(
                f"The plugin {entry.name!r} ({entry.value}) does not load: {error}.",
                remedy="Reinstall or remove the package that brings it.",
            ) from error
        register(registry)
    return registry
