"""Schemas of files that give only some parts, because the rest comes from what they build on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BUILDS_ON = ("use", "extends")
PARTIAL = "Partial"
NULL = {"type": "null"}
REFERENCE = "#/$defs/"


def partly(schema: Mapping[str, Any], *, required: tuple[str, ...]) -> dict[str, Any]:
    """A schema of whole files that lets files which build on others give parts only.

    Args:
        schema: The JSON Schema of whole files, its definitions under ``$defs``.
        required: What every file gives itself.

    Returns:
        A schema under which, where a file has ``use`` or ``extends``, nothing but ``required`` has
        to be there, ``null`` leaves a part out, and ``decision.rows`` changes single rows.
    """
    definitions = dict(schema.get("$defs", {}))
    whole = {key: value for key, value in schema.items() if key != "$defs"}
    own = {key: whole["properties"][key] for key in required}
    some = _some(whole)
    some |= {"properties": {**some["properties"], **own}, "required": list(required)}
    partial = {f"{PARTIAL}{name}": _some(one) for name, one in definitions.items()}
    if "RowSpec" in definitions:
        _add_rows(partial)
    builds_on = [{"required": [key]} for key in BUILDS_ON if key in whole["properties"]]
    made = {"if": {"anyOf": builds_on}, "then": some, "else": whole}
    return {"$defs": {**definitions, **partial}, **made, "title": whole["title"]}


def _add_rows(definitions: dict[str, Any]) -> None:
    row = definitions[f"{PARTIAL}RowSpec"]
    row["properties"]["before"] = {"type": ["string", "integer"]}
    changes = {"$ref": f"{REFERENCE}{PARTIAL}RowSpec"}
    rows = {"type": "object", "additionalProperties": _or_null(changes)}
    definitions[f"{PARTIAL}TableSpec"]["properties"]["rows"] = rows


def _some(node: Any) -> Any:
    """The schema where nothing is required and everything can be left out."""
    if isinstance(node, list):
        return [_some(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {k: _some(v) for k, v in node.items() if k not in ("required", "minProperties")}
    if isinstance(node.get("$ref"), str):
        made["$ref"] = node["$ref"].replace(REFERENCE, f"{REFERENCE}{PARTIAL}")
    for key in ("properties", "patternProperties"):
        if isinstance(node.get(key), dict):
            made[key] = {k: _or_null(_some(v)) for k, v in node[key].items()}
    if isinstance(node.get("additionalProperties"), dict):
        made["additionalProperties"] = _or_null(_some(node["additionalProperties"]))
    return made


def _or_null(node: dict[str, Any]) -> dict[str, Any]:
    return node if NULL in node.get("anyOf", ()) else {"anyOf": [node, NULL]}
