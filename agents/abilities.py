"""What endpoints were found able to do, remembered in a file of the home folder.

Nothing is lost with the file but the calls that found it out: one that is not there, cannot be
read or cannot be written is passed over.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import Field, ValidationError

from agents.endpoint import Endpoint
from casewright.models import Model
from casewright.settings import ModeName

FILE = "endpoints.json"
"""Name of the file in the home folder."""

PROBES = 1
"""Version of the probes: what other ones found does not count."""


class Ability(Model):
    """What one model at one address can do.

    Attributes:
        mode: The most reliable way in which it calls functions; None where nobody has asked.
        temperature: Whether it takes a temperature; reasoning models refuse one.
    """

    mode: ModeName | None = None
    temperature: bool = True


class _Remembered(Model):
    probes: int
    endpoints: Mapping[str, Ability] = Field(default_factory=dict)


class Abilities:
    """The memory of abilities.

    Args:
        folder: The home folder, whose file is read at first use; None: what is found is known to
            this process alone.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / FILE if folder else None
        self._known: dict[str, Ability] | None = None

    def of(self, endpoint: Endpoint) -> Ability:
        """What the endpoint was found able to do."""
        if self._known is None:
            self._known = self._read()
        return self._known.get(endpoint.name, Ability())

    def learn(self, endpoint: Endpoint, ability: Ability) -> None:
        """Remember what was found, beside what other processes found meanwhile."""
        self._known = {**self._read(), **(self._known or {}), endpoint.name: ability}
        if self._path is None:
            return
        told = _Remembered(probes=PROBES, endpoints=self._known).model_dump_json(indent=1)
        with contextlib.suppress(OSError):
            _replace(self._path, told)

    def _read(self) -> dict[str, Ability]:
        if self._path is None:
            return {}
        try:
            remembered = _Remembered.model_validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return {}
        return dict(remembered.endpoints) if remembered.probes == PROBES else {}


def _replace(path: Path, text: str) -> None:
    """Write a file so that readers see the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", delete=False) as file:
        file.write(text)
    Path(file.name).replace(path)
