"""The smallest value that keeps to a JSON schema: the reply to what nobody taught the simulator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_QUOTED: Final = re.compile(r"[`\"“]([^`\"”\n]{1,80})[`\"”]")


def instance(schema: Mapping[str, Any], prose: str = "") -> Any:
    """A value of ``schema``; texts are taken from what stands in quotation marks in ``prose``."""
    return _value(schema, schema.get("$defs") or {}, prose)


def _value(schema: Mapping[str, Any], known: Mapping[str, Any], prose: str) -> Any:
    if "$ref" in schema:
        return _value(known.get(schema["$ref"].rpartition("/")[2], {}), known, prose)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for choice in ("anyOf", "oneOf"):
        if schema.get(choice):
            return _value(schema[choice][0], known, prose)
    kind = schema.get("type", "object" if "properties" in schema else "null")
    return _of_kind(kind[0] if isinstance(kind, list) else kind, schema, known, prose)


def _of_kind(kind: str, schema: Mapping[str, Any], known: Mapping[str, Any], prose: str) -> Any:
    match kind:
        case "object":
            parts = schema.get("properties") or {}
            wanted = schema.get("required") or ()
            return {name: _value(parts.get(name) or {}, known, prose) for name in wanted}
        case "array":
            count = int(schema.get("minItems", 0))
            return [_value(schema.get("items") or {}, known, prose) for _ in range(count)]
        case "string":
            said = _QUOTED.findall(prose)
            return said[-1] if said else "simulated"
        case "integer" | "number":
            return max(1, int(schema.get("minimum", 1)))
        case "boolean":
            return True
        case _:
            return None
