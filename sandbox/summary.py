"""The description of a world folder, ``world.json``."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from sandbox.sizes import Size

WORLD_FORMAT: Final = 4
GRANTS: Final[dict[str, frozenset[str]]] = {
    "read": frozenset({"read"}),
    "kyb:read": frozenset({"kyb:read", "read"}),
    "legal:read": frozenset({"legal:read", "read"}),
    "enforce": frozenset({"enforce", "read"}),
    "investigate": frozenset({"kyb:read", "legal:read", "read"}),
}
"""What each of a world's tokens grants; ``investigate`` all that investigations read."""


class WorldSummary(BaseModel):
    """What a world folder holds.

    ``clock`` is where the world clock starts (RFC 3339), ``counts`` rows by entity, ``tokens``
    bearer tokens by what they are for.
    """

    model_config = ConfigDict(frozen=True)

    format: int
    seed: int
    size: Size
    clock: str
    counts: dict[str, int]
    tokens: dict[str, str]


def api_tokens(seed: int) -> dict[str, str]:
    """Return the tokens of a world by name. They guard a simulation and are no secret."""
    return {
        scope: "sbx_" + hashlib.sha256(f"sandbox {seed} {scope}".encode()).hexdigest()[:24]
        for scope in GRANTS
    }


def read_summary(folder: Path) -> WorldSummary | None:
    """Return the description of the world in ``folder``, or None where there is no readable one."""
    try:
        return WorldSummary.model_validate_json((folder / "world.json").read_text("utf-8"))
    except (OSError, ValidationError):
        return None
