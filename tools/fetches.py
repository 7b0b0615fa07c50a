"""How a declared tool reads: its validated arguments in, one answer out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from pydantic import BaseModel

from tools.base import Answer, Fetch, Source
from tools.declaration import HttpSpec
from tools.endpoint import json_of
from tools.fields import FieldSpec
from tools.shape import picked
from tools.sources.connections import Connections, Opener
from tools.sources.gate import through
from tools.sources.rest import Origin, Rest, addressed
from tools.sources.table import Database, Table


def from_marketplace(http: HttpSpec, fields: Mapping[str, FieldSpec]) -> Fetch:
    """Reads the source that the settings name, in its own envelope."""
    listed = http.items is not None

    async def fetch(source: Source, given: BaseModel, as_of: datetime) -> Answer:
        path, query = addressed(http, json_of(given))
        answer = await source.get(path, query, as_of=as_of, paged=listed)
        return answer if listed else replace(answer, data=picked(fields, answer.data))

    return fetch


def from_api(connections: Connections, origin: Origin, rest: Rest) -> Fetch:
    """Reads an API of its own."""

    async def fetch(_: Source, given: BaseModel, as_of: datetime) -> Answer:
        return await rest.read(await connections.get(origin), json_of(given), as_of)

    return fetch


def from_table(connections: Connections, opener: Opener[Database], table: Table) -> Fetch:
    """Reads a file or a database."""
    gate = connections.surroundings.gate(table.name)

    async def fetch(_: Source, given: BaseModel, as_of: datetime) -> Answer:
        database = await connections.get(opener)
        return await through(gate, lambda: table.read(database, json_of(given), as_of))

    return fetch
