"""JSON Schemas of what users write, for editors: ``python -m graphs.schemas`` renews them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from casewright.models import GoldCase
from graphs.policy import FrontMatter
from graphs.schema import FragmentSpec, SopSpec
from graphs.schemas.partial import partly

FOLDER = Path(__file__).parent
MODELS: dict[str, Any] = {
    "sop": SopSpec,
    "fragment": FragmentSpec,
    "policy": FrontMatter,
    "gold": list[GoldCase],
}
OWN_KEYS = {"sop": ("sop", "version"), "fragment": ("fragment", "title"), "policy": ("policy",)}
"""What a file says itself, whatever it uses or extends."""


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of ``sop``, ``fragment``, ``policy`` or ``gold``."""
    made = TypeAdapter(MODELS[name]).json_schema(by_alias=True, mode="validation")
    if name in OWN_KEYS:
        made = partly(made, required=OWN_KEYS[name])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def path(name: str) -> Path:
    """Where a schema is kept."""
    return FOLDER / f"{name}.schema.json"


def text(name: str) -> str:
    """A schema as it is kept."""
    return json.dumps(schema(name), indent=2, sort_keys=True) + "\n"
