"""Tools files from an OpenAPI document (3.0 or 3.1): its GET operations and what they answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ruamel.yaml import YAML

from casewright.document import parse_yaml
from casewright.errors import UnknownName, UsageError
from tools.fields import FieldSpec
from tools.jsonschema import SCHEMA_FAULTS, dereferenced, field_of, identifier

PLACEHOLDER = "https://api.example"
"""Stands for a base URL that the document does not tell."""

HEADING = """\
# Made from {document}. Read it through before an SOP rests on it:
# mark texts that a seller, a buyer or another party wrote with `written_by: party`,
# and drop what no SOP needs.
"""


class Undescribed(UsageError):
    """An operation that no tool can be made of."""


@dataclass(frozen=True)
class Imported:
    """What was made of a document.

    Attributes:
        text: The tools file.
        names: The tools in it.
        skipped: Operations that no tool can be made of, each with the reason.
    """

    text: str
    names: tuple[str, ...]
    skipped: tuple[str, ...]


def import_openapi(
    document: Path, wanted: Collection[str] = (), url: str = "", taken: Collection[str] = ()
) -> Imported:
    """Make a tools file of the GET operations of a document, or of the wanted ones.

    Args:
        document: The document, JSON or YAML.
        wanted: Ids of operations; empty for all GET operations.
        url: Base URL; empty for the document's first server.
        taken: Names that other tools have; a tool of such a name is called after its source too.

    Raises:
        UnknownName: there is no GET operation of that id.
        UsageError: the document cannot be read, or no tool can be made of it.
    """
    root = _read(document)
    try:
        operations = {one.operation_id: one for one in _operations(root)}
        for name in wanted:
            if name not in operations:
                raise UnknownName.among("GET operation", name, operations)
        chosen = [operations[name] for name in wanted or operations]
        return _written(document, root, chosen, url, taken)
    except SCHEMA_FAULTS as error:
        told = f"{document} is not shaped as OpenAPI wants: {type(error).__name__}, {error}."
        raise UsageError(told) from error


def _read(document: Path) -> Mapping[str, Any]:
    try:
        text = document.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{document} cannot be read: {reason}.") from error
    root = parse_yaml(text, file=document.name).value
    version = str(root.get("openapi", "")) if isinstance(root, dict) else ""
    if not version.startswith("3.") or not isinstance(root.get("paths"), dict):
        raise UsageError(f"{document} is no OpenAPI 3 document.")
    found: Mapping[str, Any] = root
    return found


def _written(
    document: Path,
    root: Mapping[str, Any],
    chosen: list[Operation],
    url: str,
    taken: Collection[str],
) -> Imported:
    source = _name(str(root.get("info", {}).get("title", "")) or "api")
    entries: dict[str, dict[str, Any]] = {}
    skipped: list[str] = []
    for operation in chosen:
        try:
            entry = operation.entry(source)
        except Undescribed as error:
            skipped.append(f"{operation.operation_id}: {error.message}")
        else:
            entry["name"] = _free(entry["name"], source, {*taken, *entries})
            entries[entry["name"]] = entry
    if not entries:
        raise UsageError(f"No tool can be made of {document}.", remedy="; ".join(skipped))
    address = {"url": url or _address(root), **_auth(root, source)}
    content = {"sources": {source: address}, "tools": list(entries.values())}
    text = HEADING.format(document=document.name) + _dumped(content)
    return Imported(text, tuple(entries), tuple(skipped))


@dataclass(frozen=True)
class Operation:
    """One GET operation.

    Attributes:
        operation_id: Its id, or one made of its path.
        path: Its path template.
        content: What the document says of it.
        parameters: Its parameters and those of its path, references followed.
        root: The document.
    """

    operation_id: str
    path: str
    content: Mapping[str, Any]
    parameters: tuple[Mapping[str, Any], ...]
    root: Mapping[str, Any]

    def entry(self, source: str) -> dict[str, Any]:
        """Its entry in a tools file.

        Raises:
            Undescribed: it needs what no tool can give, or does not describe its answer.
        """
        result, http = self._result()
        arguments = {identifier(p["name"]): self._argument(p) for p in self._sent()}
        told = str(self.content.get("summary") or self.content.get("description") or "")
        return {
            "name": _name(self.operation_id),
            "description": " ".join(told.split()) or f"GET {self.path}",
            **({"arguments": arguments} if arguments else {}),
            "result": result,
            "http": {"source": source, **self._call(), **http},
        }

    def _sent(self) -> list[Mapping[str, Any]]:
        sent = []
        for parameter in self.parameters:
            field = field_of(parameter.get("schema", {}), self.root)
            usable = parameter["in"] in ("path", "query") and bool(field.enum or field.type)
            if usable:
                sent.append(parameter)
            elif parameter.get("required"):
                raise Undescribed(f"it needs {parameter['name']!r} in its {parameter['in']}")
        return sent

    def _argument(self, parameter: Mapping[str, Any]) -> Any:
        field = field_of(parameter.get("schema", {}), self.root)
        kind = "string" if field.type in (None, "json") else field.type
        told = " ".join(str(parameter.get("description", field.description)).split())
        spec = {
            **({"enum": list(field.enum)} if field.enum else {"type": kind}),
            **({} if parameter.get("required") else {"optional": True}),
            **({"description": told} if told else {}),
        }
        return kind if set(spec) == {"type"} else spec

    def _call(self) -> dict[str, Any]:
        path = re.sub(r"\{([^}]*)\}", lambda match: f"{{{identifier(match[1])}}}", self.path)
        names = [parameter["name"] for parameter in self._sent() if parameter["in"] == "query"]
        if all(name == identifier(name) for name in names):
            return {"path": path}
        return {"path": path, "query": {name: f"{{{identifier(name)}}}" for name in names}}

    def _result(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The result's fields, and how the call finds them."""
        answer = dereferenced(self.content.get("responses", {}).get("200", {}), self.root)
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        field = field_of(schema, self.root)
        listed = field.list is not None
        fields = (field.list or field).fields
        if not fields:
            raise Undescribed("it does not describe the JSON that it answers with")
        return _shown_all(fields), {"items": ""} if listed else {}


def _operations(root: Mapping[str, Any]) -> Iterator[Operation]:
    for path, item in root["paths"].items():
        shared = dereferenced(item, root)
        content = shared.get("get")
        if content is not None:
            name = str(content.get("operationId") or f"get {path}")
            given = [*shared.get("parameters", ()), *content.get("parameters", ())]
            parameters = {(p["name"], p["in"]): p for p in (dereferenced(g, root) for g in given)}
            yield Operation(name, path, content, tuple(parameters.values()), root)


def _shown_all(fields: Mapping[str, FieldSpec]) -> dict[str, Any]:
    return {
        identifier(name): _shown(field, "" if name == identifier(name) else name)
        for name, field in fields.items()
    }


def _shown(field: FieldSpec, source_name: str = "") -> Any:
    """The field as a tools file writes it, a plain type in short."""
    shown: dict[str, Any] = {}
    if field.type:
        shown["type"] = field.type
    elif field.enum:
        shown["enum"] = list(field.enum)
    elif field.list is not None:
        shown["list"] = _shown(field.list)
    else:
        shown["fields"] = _shown_all(field.fields)
    shown |= {"optional": True} if field.optional else {}
    shown |= {"from": source_name} if source_name else {}
    shown |= {"description": field.description} if field.description else {}
    return field.type if set(shown) == {"type"} else shown


def _address(root: Mapping[str, Any]) -> str:
    servers = root.get("servers") or [{}]
    given = str(servers[0].get("url", ""))
    if urlsplit(given).scheme in ("http", "https") and "{" not in given:
        return given.rstrip("/")
    return PLACEHOLDER + (given.rstrip("/") if given.startswith("/") else "")


def _auth(root: Mapping[str, Any], source: str) -> dict[str, Any]:
    """The first way to say who we are that a header can carry."""
    for scheme in root.get("components", {}).get("securitySchemes", {}).values():
        if scheme.get("type") == "http" and str(scheme.get("scheme")).lower() == "bearer":
            return {"auth": {"bearer_env": f"{source.upper()}_TOKEN"}}
        if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
            return {"auth": {"header": scheme["name"], "env": f"{source.upper()}_KEY"}}
    return {}


def _free(name: str, source: str, taken: Collection[str]) -> str:
    candidates = (name, f"{source}_{name}", *(f"{source}_{name}_{n}" for n in range(2, 1000)))
    return next(one for one in candidates if one not in taken)


def _name(text: str) -> str:
    """A tool's name: ``getOrderById`` becomes ``get_order_by_id``."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    return re.sub(r"_+", "_", identifier(snake)).lower()[:64].rstrip("_")


def _dumped(content: Mapping[str, Any]) -> str:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 100
    out = StringIO()
    yaml.dump(content, out)
    return out.getvalue()
