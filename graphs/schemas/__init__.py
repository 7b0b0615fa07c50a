"""JSON Schemas of what users write, for editors: ``python -m graphs.schemas`` renews them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from casewright.models import GoldCase
from graphs.policy import FrontMatter
from graphs.schema import SopSpec

FOLDER = Path(__file__).parent
MODELS: dict[str, type[BaseModel]] = {"sop": SopSpec, "policy": FrontMatter, "gold": GoldCase}


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of ``sop``, ``policy`` or ``gold``."""
    made = MODELS[name].model_json_schema(by_alias=True, mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def path(name: str) -> Path:
    """Where a schema is kept."""
    return FOLDER / f"{name}.schema.json"


def text(name: str) -> str:
    """A schema as it is kept."""
    return json.dumps(schema(name), indent=2, sort_keys=True) + "\n"
