"""Settings, built once and passed: file, then environment, then flags; the later one wins.

The file is ``casewright.toml`` of the workspace. Every setting is also an environment variable,
its name in capitals behind ``CASEWRIGHT_``, such as ``CASEWRIGHT_MODEL_BASE_URL``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from casewright.errors import UnknownName, UsageError
from casewright.price import Price
from casewright.team import Membership
from casewright.webhook import Name, Webhook

WORKSPACE_FILE = "casewright.toml"

TapeMode = Literal["record", "replay", "once"]
"""What a cassette is for. ``record``: every call goes out, and its answer is kept. ``replay``: none
goes out. ``once``: what is recorded is replayed, what is not is recorded."""

ModeName = Literal["schema", "tools", "json"]
"""How a model is had to call functions: by a JSON schema, by tool calling, by JSON alone."""

ModeWish = Literal["auto", "schema", "tools", "json"]
"""A mode, or ``auto``: what a probe of the endpoint finds."""


class Fallback(BaseModel):
    """An endpoint for when the one before it gives no answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(min_length=1)
    """Name of the chat model there."""

    base_url: str = ""
    """Its base URL; empty: the client's default."""

    api_key_env: str = ""
    """Environment variable that holds its key; empty: it needs none."""

    mode: ModeWish = "auto"
    """How it calls functions; see ``model_mode``."""

    reasoning_effort: str = ""
    """How much it is to think; see ``model_reasoning_effort``."""


class Settings(BaseSettings):
    """All settings with their defaults. Unknown names in the file are errors."""

    model_config = SettingsConfigDict(
        env_prefix="CASEWRIGHT_",
        frozen=True,
        extra="forbid",
        validate_default=True,
    )

    home: Path = Field(default_factory=lambda: platformdirs.user_data_path("casewright"))
    """Folder of the store, the checkpoints, the knowledge base and the sandbox world. In the file,
    a relative one starts at the workspace.
    """

    source_url: str = ""
    """Base URL of the marketplace's API; empty stands for the embedded sandbox."""

    cases: Path | None = None
    """A CSV file with the cases, for teams without such an API; in the file, a relative one starts
    at the workspace.
    """

    source_token: SecretStr = SecretStr("")
    """Bearer token for the source."""

    enforce: Literal["off", "on"] = "off"
    """Whether what a person let pass is carried out; ``off``: it is planned and shown alone."""

    undo_minutes: float = Field(default=0, ge=0, le=24 * 60)
    """How long what was decided waits before it is carried out, so that it can be undone; 0: it is
    carried out at once.
    """

    automatic: Literal["off", "on"] = "off"
    """Whether a decision may pass without a person where its SOP allows it; ``off``: none does."""

    protected: tuple[str, ...] = ()
    """Ids of employees, relatives and parties named by the press: people decide about them."""

    sampling_key: SecretStr = SecretStr("")
    """What all draws are keyed with: for a second look, for a first read, for checks and for a
    canary; who knows it can tell what will be drawn.
    """

    blind_first: float = Field(default=0.0, ge=0, le=1)
    """Share of the waiting cases that a reviewer decides before they are shown what is proposed."""

    seeded_checks: float = Field(default=0.0, ge=0, le=1)
    """Share of what waits that carries a recommendation known to be wrong."""

    enforce_token: SecretStr = SecretStr("")
    """Bearer token for writes; empty: the source's own."""

    source_timeout_s: float = Field(default=10.0, gt=0)
    """Longest wait for one answer, in seconds; connecting has a fifth of it."""

    source_attempts: int = Field(default=4, ge=1)
    """How often a call is tried when the source fails in a way that may pass."""

    page_limit: int = Field(default=20, ge=1)
    """Most pages followed for one list; reaching it is reported in the evidence."""

    model: str = ""
    """Name of the chat model that reads text; empty: nothing reads, and nothing pretends to."""

    model_base_url: str = ""
    """Base URL of any OpenAI-compatible endpoint; empty: the client's default."""

    model_api_key: SecretStr = SecretStr("")
    """Key for the endpoint."""

    model_timeout_s: float = Field(default=60.0, gt=0)
    """Longest wait for one model answer, in seconds."""

    model_mode: ModeWish = "auto"
    """How the model calls functions; ``auto``: in the most reliable way that a probe finds."""

    model_reasoning_effort: str = ""
    """How much a reasoning model is to think, in the endpoint's words; empty: it is not said."""

    model_fallbacks: tuple[Fallback, ...] = ()
    """Endpoints for when the first one gives no answer, in their order."""

    model_requests_per_minute: int | None = Field(default=None, ge=1)
    """Most model calls in a minute, of all cases in the process together; None: no bound."""

    model_tokens_per_minute: int | None = Field(default=None, ge=1)
    """Most tokens in a minute, in and out, of all cases in the process together; None: no bound."""

    model_concurrency: int = Field(default=16, ge=1)
    """Most model calls in flight at once in the process."""

    model_tool_calls: int = Field(default=6, ge=0)
    """Most tool calls the reader may make in one case."""

    narrator: Literal["off", "on"] = "off"
    """Whether the model tells the rationale to the reviewer; ``off``: the SOP's own sentences."""

    reviewer_language: Literal["en", "es", "zh"] = "en"
    """Language in which the narrator writes."""

    model_tokens: int = Field(default=100_000, gt=0)
    """Most tokens, in and out together, for the reading of one case."""

    model_seconds: float = Field(default=300.0, gt=0)
    """Longest time for the reading of one case, in seconds."""

    model_budget_micros: int = Field(default=0, ge=0)
    """Most money for the reading of one case, in millionths of the price table's currency unit;
    0: no bound.
    """

    model_prices: dict[str, Price] = Field(default_factory=dict)
    """What a million tokens cost, by model: ``in``, ``out`` and, where it differs, ``cached``. The
    money of a model that is not in the table is not counted, and a cost says so.
    """

    model_cassette: Path | None = None
    """A file with recorded answers of the model; in the file, a relative one starts at the
    workspace.
    """

    model_cassette_mode: TapeMode = "replay"
    """What is done with that file."""

    model_currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    """Currency of the price table (ISO 4217)."""

    otlp_endpoint: str = ""
    """Base URL of an OpenTelemetry collector that takes OTLP over HTTP; empty: nothing is sent."""

    trace_prompts: Literal["off", "on"] = "off"
    """Whether spans hold what a model is sent and what it says; ``off``: counts and names alone."""

    model_privacy: Literal["on", "off"] = "on"
    """Whether personal data is hidden from the model; ``off``: for an endpoint inside the house."""

    knowledge_url: str = ""
    """Base URL of a Chroma server (``chroma run``) for the vectors of closed cases; empty: Chroma
    in process, in the home folder.
    """

    knowledge_token: SecretStr = SecretStr("")
    """Bearer token for that server."""

    embedding_model: str = ""
    """Name of the model that embeds closed cases; empty: the built-in one, in process."""

    embedding_base_url: str = ""
    """Base URL of any OpenAI-compatible embedding endpoint; empty: the client's default."""

    embedding_api_key: SecretStr = SecretStr("")
    """Key for that endpoint."""

    precedents: int = Field(default=5, ge=0, le=50)
    """How many similar closed cases a decision shows."""

    reviewer: str = ""
    """Who reviews, as the team knows them; empty: the name of the account."""

    team: dict[str, Membership] = Field(default_factory=dict)
    """Who is on the team, by name: roles, and which cases they see; empty: whoever uses this
    account may do everything.
    """

    console_hosts: tuple[str, ...] = ()
    """Names by which browsers and programs reach the console beside this machine's own, such as
    ``risk.example.com``; a request to any other is refused.
    """

    console_proxies: tuple[str, ...] = ("127.0.0.1",)
    """Addresses of the proxies that are believed about whom a request comes from, with
    ``console --behind-proxy``.
    """

    console_body_kb: int = Field(default=1024, ge=1)
    """Largest body of a request, in units of 1,024 bytes."""

    session_hours: float = Field(default=12.0, gt=0)
    """When a session ends, used or not, in hours."""

    session_idle_hours: float = Field(default=8.0, gt=0)
    """When a session ends that is not used, in hours."""

    sign_ins_per_minute: int = Field(default=10, ge=1)
    """Most attempts to sign in from one address in a minute."""

    api_requests_per_minute: int = Field(default=600, ge=1)
    """Most requests with one API key in a minute."""

    oidc_issuer: str = ""
    """URL of the sign-in service (OpenID Connect), as its tokens name it; empty: there is none."""

    oidc_client_id: str = ""
    """What that service knows the console as."""

    oidc_client_secret: SecretStr = SecretStr("")
    """What the console proves itself to it with; empty: by PKCE alone."""

    oidc_claim: str = Field(default="email", min_length=1)
    """What of the service's word on somebody tells who of the team they are."""
    webhooks: dict[Name, Webhook] = Field(default_factory=dict)
    """Endpoints that are told what happens, by name: where, signed with what, and which events."""

    concurrency: int = Field(default=8, ge=1)
    """Cases in flight in a batch or an eval."""

    batch_attempts: int = Field(default=5, ge=1)
    """How often a batch tries a case that fails in a way that may pass, before it is parked."""

    batch_case_seconds: float = Field(default=900.0, gt=0)
    """Longest time for one case in a batch, in seconds; then it is tried again, or parked."""

    store_patience_s: float = Field(default=900.0, gt=0)
    """How long a batch waits for a store that is locked, full or away, in seconds."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags before environment before file; no dotenv, no secret files."""
        return init_settings, env_settings, _File(settings_cls)


class _File(TomlConfigSettingsSource):
    """The workspace's file. Its relative paths are the same from wherever a command is called."""

    def __call__(self) -> dict[str, Any]:
        given = super().__call__()
        file = self.toml_file_path
        for name in ("home", "cases", "model_cassette"):
            path = given.get(name)
            if isinstance(path, str) and isinstance(file, Path):
                given[name] = file.parent / Path(path).expanduser()
        return given


def load_settings(workspace: Path | None = None, **flags: Any) -> Settings:
    """Build the settings of a workspace.

    Args:
        workspace: Folder that may hold ``casewright.toml``; None for none.
        **flags: What the command line set; None values are left out.

    Returns:
        Frozen settings with an absolute ``home``.

    Raises:
        UnknownName: the file or a flag names a setting that does not exist.
        UsageError: the file is not TOML, or a value is wrong.
    """
    file = workspace / WORKSPACE_FILE if workspace else None
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        settings = _with_file(file)(**given)
    except ValidationError as error:
        raise _wrong(error) from error
    except SettingsError as error:  # a variable of a setting with parts
        told = f"The environment does not read: {error}."
        raise UsageError(told, remedy="Settings with parts are JSON there.") from error
    except ValueError as error:
        told = f"{file} is not valid TOML: {error}."
        raise UsageError(told, remedy="Mend it there; strings need quotes in TOML.") from error
    return settings.model_copy(update={"home": settings.home.expanduser().absolute()})


def _wrong(error: ValidationError) -> UsageError:
    first = error.errors()[0]
    name = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        return UnknownName.among("setting", name, Settings.model_fields)
    return UsageError(
        f"Setting {name!r}: {first['msg']}.",
        remedy=f"Mend it in {WORKSPACE_FILE}, in CASEWRIGHT_{name.upper()} or in the flag.",
    )


def _with_file(file: Path | None) -> type[Settings]:
    if file is None or not file.is_file():
        return Settings

    class FiledSettings(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    return FiledSettings
