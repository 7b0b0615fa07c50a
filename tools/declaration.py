"""What a workspace's ``tools/*.yaml`` may say: the pydantic models behind its keys.

A credential never stands in such a file: it is named there, and read from the environment.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import PurePath
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from casewright.models import Model
from tools.endpoint import parameters
from tools.fields import IDENTIFIER, Constant, FieldName, ShortArgument, ShortField
from tools.sources.page import Pointer
from tools.sources.query import NamedQuery

MARKETPLACE = "marketplace"
"""The source that the settings name."""

_CREDENTIAL = re.compile(
    r"pass(word|wd)|secret|token|api[-_]?key|credential|^auth|^key$", re.IGNORECASE
)

ToolName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
EnvName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class AuthSpec(Model):
    """Which environment variable holds the credential, and in which header it is sent."""

    bearer_env: EnvName | None = None
    header: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]+$")
    env: EnvName | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.bearer_env is None) == (self.env is None) or (self.env is None) != (
            self.header is None
        ):
            raise ValueError("write {bearer_env: NAME}, or {header: X-Api-Key, env: NAME}")
        return self

    @property
    def variable(self) -> str:
        """The environment variable."""
        return self.bearer_env or self.env or ""


def _plain_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address starts with https:// or http://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an address holds no credential and no query; see `auth`")
    return url


def _private(url: str | None) -> bool:
    parts = urlsplit(url or "")
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


Address = Annotated[str, AfterValidator(_plain_address)]
"""Base URL, http or https."""

_IN_THE_OPEN = "a credential leaves this machine over https alone"


class SourceSpec(Model):
    """A base URL with its credential, which several tools may name."""

    url: Address
    auth: AuthSpec | None = None

    @model_validator(mode="after")
    def _not_in_the_open(self) -> Self:
        if self.auth and not _private(self.url):
            raise ValueError(_IN_THE_OPEN)
        return self


class PaginationSpec(Model):
    """How a list goes on.

    Attributes:
        kind: ``cursor``: the answer holds the next cursor at ``next``. ``page`` and ``offset``
            count. ``link``: the header ``Link`` (RFC 8288) names the next page.
        parameter: The query parameter that carries cursor, page or offset.
        next: JSON Pointer to the next cursor.
        size: Items in one page; a shorter page is the last.
        size_parameter: The query parameter that asks for that size.
        first: Number of the first page.
    """

    kind: Literal["cursor", "page", "offset", "link", "none"]
    parameter: str = ""
    next: Pointer = ""
    size: int | None = Field(default=None, ge=1, le=10_000)
    size_parameter: str = ""
    first: int = 1

    @model_validator(mode="after")
    def _fits_kind(self) -> Self:
        if self.kind in ("cursor", "page", "offset") and not self.parameter:
            raise ValueError(f"{self.kind} pagination names its query `parameter`")
        if self.kind == "cursor" and not self.next:
            raise ValueError("cursor pagination says where the `next` cursor stands")
        if self.size_parameter and self.size is None:
            raise ValueError("a size_parameter needs a size")
        return self


class HttpSpec(Model):
    """One HTTP call.

    Attributes:
        url: Base URL; or else ``source``.
        source: A source of the ``sources`` of any tools file, or ``marketplace`` for the one that
            the settings name, whose answers bring their own envelope.
        auth: The credential for ``url``.
        method: ``POST`` only with ``read_only: true``; arguments then go into a JSON body.
        read_only: States that the call changes nothing.
        path: Path with arguments in braces.
        query: Query parameters: texts with arguments in braces, and constants. Without it, all
            arguments that the path does not hold are sent by their own names.
        as_of: Query parameter that carries the moment whose knowledge is asked for.
        data: JSON Pointer to the record in the answer; without it, the whole answer.
        items: JSON Pointer to the list in the answer; ``result`` then describes one entry.
        pagination: How the list goes on.
        complete: Whether an empty list proves an absence: yes, no, or where the answer says so.
        not_found: Statuses by which the source says that there is nothing.
    """

    url: Address | None = None
    source: str | None = None
    auth: AuthSpec | None = None
    method: Literal["GET", "POST"] = "GET"
    read_only: bool = False
    path: str = Field(pattern=r"^/")
    query: dict[str, Constant] | None = None
    as_of: str | None = None
    data: Pointer = ""
    items: Pointer | None = None
    pagination: PaginationSpec | None = None
    complete: bool | Pointer = True
    not_found: tuple[int, ...] = (404, 410)

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.url is None) == (self.source is None):
            raise ValueError("name either a `url` or a `source`")
        if self.source and self.auth:
            raise ValueError("a source brings its own `auth`")
        if self.auth and not _private(self.url):
            raise ValueError(_IN_THE_OPEN)
        if self.method == "POST" and not self.read_only:
            raise ValueError("a POST states that it changes nothing: `read_only: true`")
        if self.data and self.items is not None:
            raise ValueError("`data` is the place of a record, `items` that of a list: one of them")
        if self.pagination and self.items is None:
            raise ValueError("pagination needs `items`, the place of the list")
        return self

    @model_validator(mode="after")
    def _no_credential(self) -> Self:
        for name, value in (self.query or {}).items():
            if _CREDENTIAL.search(name) and not (isinstance(value, str) and parameters(value)):
                raise ValueError(f"the constant {name!r} looks like a credential; see `auth`")
        return self

    @model_validator(mode="after")
    def _enveloped(self) -> Self:
        given = self.model_fields_set - {"source", "path", "query", "items"}
        if self.source == MARKETPLACE and given:
            raise ValueError(
                f"the marketplace's answers bring their own envelope: no `{min(given)}` here"
            )
        return self


class FromEnv(Model):
    """A value that stands in an environment variable."""

    env: EnvName


def _without_password(url: Any) -> Any:
    if isinstance(url, str) and "@" in url and ":" in url.split("@")[0].split("//")[-1]:
        raise ValueError("a database URL with a password stands in the environment: {env: NAME}")
    return url


def _no_url(path: Any) -> Any:
    if isinstance(path, str) and "://" in path:
        raise ValueError("a file of this machine, not a URL")
    return path


File = Annotated[str, BeforeValidator(_no_url), Field(min_length=1)]
"""Path of a file; a relative one starts at the workspace and may not leave it."""


def _named_after_itself(given: Any) -> Any:
    return {PurePath(given).stem: given} if isinstance(given, str) else given


Files = Annotated[dict[str, File], BeforeValidator(_named_after_itself)]
"""Files by table name; a single one gives its table its own name."""


class TableSpec(Model):
    """One query over tables that nothing here can write.

    Attributes:
        csv: A CSV file, its table named after it; or files by table name. All columns are text.
        parquet: Likewise for Parquet.
        duckdb: A DuckDB database.
        sqlalchemy: A SQLAlchemy URL, or ``{env: NAME}``.
        query: One SELECT; arguments are named as in ``:seller_id``, the moment as ``:as_of``.
        one: Whether it finds one record; else a list, and ``result`` describes one entry.
        complete: Whether an empty list proves an absence.
        row_limit: Most rows of a list; a longer one is cut, and the evidence says so.
    """

    csv: Files = Field(default_factory=dict)
    parquet: Files = Field(default_factory=dict)
    duckdb: File | None = None
    sqlalchemy: Annotated[str | FromEnv | None, BeforeValidator(_without_password)] = None
    query: str
    one: bool = False
    complete: bool = True
    row_limit: int = Field(default=1000, ge=1, le=100_000)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(bool(one) for one in (self.csv, self.parquet, self.duckdb, self.sqlalchemy)) != 1:
            raise ValueError("a table has one of csv, parquet, duckdb and sqlalchemy")
        NamedQuery.parse(self.query)
        return self


class ToolSpec(Model):
    """One tool: what it takes, what it answers, and where that is read."""

    name: ToolName
    description: str = Field(min_length=1)
    arguments: dict[FieldName, ShortArgument] = Field(default_factory=dict)
    result: dict[str, ShortField] = Field(min_length=1)
    http: HttpSpec | None = None
    table: TableSpec | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.http is None) == (self.table is None):
            raise ValueError("a tool has either http or table")
        return self

    @model_validator(mode="after")
    def _names_for_expressions(self) -> Self:
        inner = [field.named for field in self.result.values()]
        for name in (*self.result, *(name for names in inner for name in names)):
            if not IDENTIFIER.fullmatch(name):
                raise ValueError(f"no expression can read {name!r}; rename it with `from`")
        return self


class McpSpec(Model):
    """A server that speaks the Model Context Protocol.

    Attributes:
        name: Its tools are called ``<name>_<tool>``.
        command: What starts it, to be spoken to over stdin and stdout, in the workspace's folder.
        env: Environment variables that are passed on to it.
        url: Or where it answers.
        auth: The credential for ``url``.
        allow: The server's tools that may be used.
        trust: Use them even where the server does not mark them as read-only.
    """

    name: ToolName
    command: tuple[str, ...] = ()
    env: tuple[EnvName, ...] = ()
    url: Address | None = None
    auth: AuthSpec | None = None
    allow: tuple[str, ...] = Field(min_length=1)
    trust: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.command) == bool(self.url):
            raise ValueError("a server has either a command or a url")
        if self.url and not _private(self.url):
            raise ValueError("a server beyond this machine is reached over https")
        if self.auth and not self.url:
            raise ValueError("auth goes with a url; a command is passed variables by `env`")
        return self


class ToolsFile(Model):
    """A whole ``tools/*.yaml``."""

    sources: dict[ToolName, SourceSpec] = Field(default_factory=dict)
    tools: tuple[ToolSpec, ...] = ()
    mcp: tuple[McpSpec, ...] = ()
