"""Builds one declared tool, and checks that everything it speaks of exists."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel

from casewright.canonical import digest_of
from casewright.document import Document, unknown_name
from casewright.errors import SopError, UsageError
from tools.base import Fetch, Tool
from tools.declaration import MARKETPLACE, FromEnv, HttpSpec, SourceSpec, TableSpec, ToolSpec
from tools.fetches import from_api, from_marketplace, from_table
from tools.fields import FieldSpec
from tools.shape import arguments_model, record_model
from tools.sources.connections import Connections, Opener
from tools.sources.duck import DuckFiles
from tools.sources.files import inside
from tools.sources.query import NamedQuery
from tools.sources.rest import Origin, Rest
from tools.sources.table import AS_OF, Database, Table

Where = tuple[str | int, ...]
Files = Literal["csv", "parquet", "duckdb"]


@dataclass(frozen=True)
class Builder:
    """Builds the tool of one entry.

    Attributes:
        document: The file it stands in.
        where: The place of the entry.
        spec: What it says.
        sources: Named sources.
        connections: Where its source will be opened.
    """

    document: Document
    where: Where
    spec: ToolSpec
    sources: Mapping[str, SourceSpec]
    connections: Connections

    def build(self, taken: Collection[str]) -> Tool:
        """The tool.

        Args:
            taken: Names that other tools have.

        Raises:
            SopError: something is wrong with the entry.
        """
        spec = self.spec
        if spec.name in taken:
            raise self._error(f"another tool is called {spec.name!r}", "name")
        arguments = self._arguments()
        fetch, listed = self._fetch()
        stored = spec.table is not None
        return Tool(
            spec.name,
            spec.description,
            arguments,
            record_model(spec.name, spec.result, listed=listed, stored=stored),
            fetch,
            declared_in=self.document.file,
            digest=digest_of(spec.model_dump(mode="json", by_alias=True)),
        )

    def _fetch(self) -> tuple[Fetch, bool]:
        """How it reads, and whether that is a list."""
        if self.spec.http is not None:
            return self._http(self.spec.http), self.spec.http.items is not None
        if self.spec.table is not None:
            return self._table(self.spec.table), not self.spec.table.one
        raise TypeError(f"{self.spec.name} has neither http nor table")  # the schema admits none

    def _arguments(self) -> type[BaseModel]:
        try:
            return arguments_model(self.spec.name, self.spec.arguments)
        except ValueError as error:
            raise self._error(str(error), "arguments") from error

    def _http(self, http: HttpSpec) -> Fetch:
        self._check_templates(http)
        if http.source == MARKETPLACE:
            self._check_names_kept()
            return from_marketplace(http, self.spec.result)
        origin = self._origin(http)
        name = http.source or str(urlsplit(origin.url).hostname)
        page_limit = self.connections.surroundings.settings.page_limit
        return from_api(self.connections, origin, Rest(http, self.spec.result, name, page_limit))

    def _origin(self, http: HttpSpec) -> Origin:
        if http.url is not None:
            return Origin(http.url, http.auth, self.spec.name)
        name = str(http.source)
        if name not in self.sources:
            raise self._unknown("source", name, (*self.sources, MARKETPLACE), "http", "source")
        return Origin(self.sources[name].url, self.sources[name].auth, name)

    def _check_templates(self, http: HttpSpec) -> None:
        used = set(self._named(http.path, "http", "path"))
        for name in used:
            if not self.spec.arguments[name].required:
                message = f"{name!r} stands in the path, so it cannot be optional"
                raise self._error(message, "arguments", name)
        if http.query is None:
            return
        for parameter, value in http.query.items():
            if isinstance(value, str):
                used |= set(self._named(value, "http", "query", parameter))
        self._check_used(used)

    def _named(self, template: str, *where: str) -> list[str]:
        """The arguments that a template names, each of which must exist."""
        try:
            names = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
        except ValueError as error:
            raise self._error(f"the braces do not match: {error}", *where) from error
        self._check_known(names, *where)
        return names

    def _check_known(self, names: Iterable[str], *where: str) -> None:
        for name in names:
            if name not in self.spec.arguments:
                raise self._unknown("argument", name, self.spec.arguments, *where)

    def _check_used(self, used: Collection[str]) -> None:
        for name in self.spec.arguments:
            if name not in used:
                raise self._error(f"the argument {name!r} is used nowhere", "arguments", name)

    def _check_names_kept(self) -> None:
        for name, field in self.spec.result.items():
            if any(one.source_name for one in _all_fields(field)):
                # The marketplace points at what parties wrote; its pointers must find it.
                message = "fields of the marketplace keep their names: no `from`"
                raise self._error(message, "result", name)

    def _table(self, table: TableSpec) -> Fetch:
        query = NamedQuery.parse(table.query)
        if AS_OF in self.spec.arguments:
            message = ":as_of is the moment asked for; give the argument another name"
            raise self._error(message, "arguments", AS_OF)
        self._check_known((name for name in query.names if name != AS_OF), "table", "query")
        self._check_used(query.names)
        opener, name = self._database(table)
        timeout_s = self.connections.surroundings.settings.source_timeout_s
        reader = Table(table, self.spec.result, query, name, timeout_s)
        return from_table(self.connections, opener, reader)

    def _database(self, table: TableSpec) -> tuple[Opener[Database], str]:
        """How to open it, and what evidence calls it."""
        if table.sqlalchemy is not None:
            return self._sql(table.sqlalchemy)
        kind: Files = "csv" if table.csv else "parquet" if table.parquet else "duckdb"
        files = table.csv or table.parquet or {"": table.duckdb or ""}
        for path in files.values():
            self._check_inside(path, "table", kind)
        return DuckFiles(kind, tuple(files.items())), ", ".join(files.values())

    def _sql(self, given: str | FromEnv) -> tuple[Opener[Database], str]:
        from tools.sources.sql import SqlAddress, checked_url  # its library takes its time

        if isinstance(given, FromEnv):
            return SqlAddress("", given.env, self.spec.name), given.env
        try:
            url = checked_url(given)
        except UsageError as error:
            raise self._error(error.message, "table", "sqlalchemy", remedy=error.remedy) from None
        if url.get_backend_name() == "sqlite":
            self._check_inside(url.database or "", "table", "sqlalchemy")
        return SqlAddress(given, "", self.spec.name), url.database or given

    def _check_inside(self, path: str, *where: str) -> None:
        try:
            inside(self.connections.surroundings.workspace, path)
        except UsageError as error:
            raise self._error(error.message, *where, remedy=error.remedy) from error

    def _error(self, message: str, *where: str, remedy: str = "") -> SopError:
        return self.document.error(message, (*self.where, *where), remedy=remedy)

    def _unknown(self, kind: str, name: str, valid: Collection[str], *where: str) -> SopError:
        return unknown_name(self.document, (*self.where, *where), kind, name, valid)


def _all_fields(field: FieldSpec) -> Iterator[FieldSpec]:
    yield field
    for one in (*field.fields.values(), *((field.list,) if field.list else ())):
        yield from _all_fields(one)
