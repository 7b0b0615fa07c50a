from __future__ import annotations

import ast
import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from casewright.errors import UnknownName, UsageError
from casewright.price import Price
from casewright.settings import WORKSPACE_FILE, Fallback, Settings, load_settings
from casewright.team import Membership
from casewright.webhook import Webhook

pytestmark = pytest.mark.usefixtures("bare_environment")

SECRETS = [name for name, field in Settings.model_fields.items() if "Secret" in str(field)]
GIVEN = {int: "3", float: "2.5", str: "x", SecretStr: "x"}
CHOSEN = {
    "enforce": "on",
    "automatic": "on",
    "protected": '["sel_1"]',
    "model_privacy": "off",
    "narrator": "on",
    "reviewer_language": "es",
    "model_prices": '{"m": {"in": 1, "out": 2}}',
    "model_currency": "EUR",
    "team": '{"ana": {"roles": ["senior"]}}',
    "webhooks": '{"bi": {"url": "https://bi.example/hook", "secret_env": "BI_SECRET"}}',
    "model_mode": "json",
    "model_fallbacks": '[{"model": "m"}]',
    "model_requests_per_minute": "3",
    "model_tokens_per_minute": "3",
    "source_requests_per_minute": "3",
    "shared_rates": "on",
    "batch_adaptive": "off",
    "model_cassette_mode": "once",
    "trace_prompts": "on",
    "console_hosts": '["risk.example.com"]',
    "console_proxies": '["10.0.0.1"]',
    "blind_first": "0.5",
    "seeded_checks": "0.5",
}
"""Settings that take certain words alone."""

MEANT: dict[str, Callable[[str], Any]] = {
    "model_fallbacks": lambda given: tuple(Fallback(**one) for one in json.loads(given)),
    "team": lambda given: {
        name: Membership.model_validate(one) for name, one in json.loads(given).items()
    },
    "webhooks": lambda given: {
        name: Webhook.model_validate(one) for name, one in json.loads(given).items()
    },
    "model_requests_per_minute": int,
    "model_tokens_per_minute": int,
    "source_requests_per_minute": int,
}
"""What a word stands for, where the default does not tell."""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


def write(workspace: Path, text: str | bytes) -> Path:
    (workspace / WORKSPACE_FILE).write_bytes(text.encode() if isinstance(text, str) else text)
    return workspace


def test_a_flag_wins_over_the_environment_and_that_over_the_file(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(workspace, "concurrency = 2\nprecedents = 2\npage_limit = 2\n")
    monkeypatch.setenv("CASEWRIGHT_CONCURRENCY", "3")
    monkeypatch.setenv("CASEWRIGHT_PRECEDENTS", "3")
    settings = load_settings(workspace, concurrency=4)
    assert (settings.concurrency, settings.precedents, settings.page_limit) == (4, 3, 2)


def test_a_flag_that_was_not_given_does_not_count(workspace: Path) -> None:
    write(workspace, "concurrency = 2\n")
    assert load_settings(workspace, concurrency=None, home=None).concurrency == 2


def test_a_workspace_without_a_file_has_the_defaults(workspace: Path) -> None:
    assert load_settings(workspace) == load_settings()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_an_environment_variable(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    default = getattr(load_settings(), name)
    kind = Path if default is None else type(default)
    given = CHOSEN.get(name) or GIVEN.get(kind, "/x")
    monkeypatch.setenv(f"CASEWRIGHT_{name.upper()}", given)
    now = getattr(load_settings(), name)
    meant = MEANT.get(name) or {tuple: _words, dict: _prices}.get(kind, kind)
    assert now == meant(given)
    assert now != default


def _words(given: str) -> tuple[str, ...]:
    return tuple(json.loads(given))


def _prices(given: str) -> dict[str, Price]:
    return {model: Price.model_validate(price) for model, price in json.loads(given).items()}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_what_it_is(name: str) -> None:
    assert told_in_source().get(name, "").endswith(".")


def told_in_source() -> dict[str, str]:
    """The docstring below each setting; reading them when settings are built would be slow."""
    (tree,) = ast.parse(inspect.getsource(Settings)).body
    assert isinstance(tree, ast.ClassDef)
    return {
        field.target.id: told.value.value.strip()
        for field, told in pairwise(tree.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(told, ast.Expr)
        and isinstance(told.value, ast.Constant)
    }


def test_a_dotenv_file_is_not_read(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workspace / ".env").write_text("CASEWRIGHT_CONCURRENCY=99\n")
    monkeypatch.chdir(workspace)
    assert load_settings(workspace).concurrency != 99


def test_an_unknown_name_in_the_file_suggests_the_right_one(workspace: Path) -> None:
    with pytest.raises(UnknownName) as caught:
        load_settings(write(workspace, 'sorce_url = "http://x"\n'))
    told = "There is no setting 'sorce_url'. Did you mean 'source_url'?"
    assert str(caught.value) == told


def test_an_unknown_table_in_the_file_is_refused(workspace: Path) -> None:
    with pytest.raises(UnknownName, match="'sources'"):
        load_settings(write(workspace, "[sources]\nurl = 'http://x'\n"))


@pytest.mark.parametrize(
    "line",
    [
        'concurrency = "many"',
        "concurrency = 0",
        "source_timeout_s = 0",
        "source_attempts = 1.5",
        "precedents = 51",
        "page_limit = [1]",
        "model = 5",
        "source_url = {a = 1}",
        "home = 7",
        "source_token = true",
    ],
)
def test_a_wrong_value_in_the_file_is_one_clear_sentence(workspace: Path, line: str) -> None:
    name = line.split(" ")[0]
    with pytest.raises(UsageError, match=rf"^Setting '{name}': ") as caught:
        load_settings(write(workspace, line))
    assert WORKSPACE_FILE in caught.value.remedy
    assert f"CASEWRIGHT_{name.upper()}" in caught.value.remedy
    assert "\n" not in str(caught.value)


def test_a_wrong_value_in_the_environment_names_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CASEWRIGHT_MODEL_TIMEOUT_S", "soon")
    with pytest.raises(UsageError, match="CASEWRIGHT_MODEL_TIMEOUT_S"):
        load_settings()


def test_an_unknown_flag_is_refused() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'precedents'"):
        load_settings(precedent=3)


@pytest.mark.parametrize("text", ["concurrency = \n", "model = gpt\n", b'model = "\xff"\n'])
def test_a_file_that_is_no_toml_is_told_with_its_path(workspace: Path, text: str | bytes) -> None:
    write(workspace, text)
    with pytest.raises(UsageError, match="is not valid TOML") as caught:
        load_settings(workspace)
    assert str(workspace / WORKSPACE_FILE) in caught.value.message
    assert caught.value.remedy


def test_a_broken_file_is_an_error_even_where_flags_say_everything(workspace: Path) -> None:
    with pytest.raises(UsageError, match="TOML"):
        load_settings(write(workspace, "="), home=workspace, concurrency=2)


def test_a_relative_home_of_a_flag_starts_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(home=Path("data")).home == tmp_path / "data"


def test_a_relative_home_of_the_file_starts_at_the_workspace(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(workspace, 'home = "data"\n')
    homes = set()
    for folder in (workspace, tmp_path):
        monkeypatch.chdir(folder)
        homes.add(load_settings(Path(os.path.relpath(workspace))).home.resolve())
    assert homes == {workspace / "data"}


def test_a_relative_table_of_cases_starts_at_the_workspace(workspace: Path) -> None:
    write(workspace, 'cases = "data/cases.csv"\n')
    assert load_settings(workspace).cases == workspace / "data/cases.csv"


@pytest.mark.parametrize("how", ["file", "environment", "flag"])
def test_a_tilde_in_home_is_the_users_own(
    how: str, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    if how == "file":
        write(workspace, 'home = "~/cases"\n')
    if how == "environment":
        monkeypatch.setenv("CASEWRIGHT_HOME", "~/cases")
    flags = {"home": Path("~/cases")} if how == "flag" else {}
    assert load_settings(workspace, **flags).home == tmp_path / "cases"


def test_the_default_home_is_absolute() -> None:
    assert load_settings().home.is_absolute()


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().concurrency = 1  # type: ignore[misc]


def test_a_secret_shows_in_neither_repr_nor_error(workspace: Path) -> None:
    told = "store_url source_token sampling_key enforce_token model_api_key knowledge_token"
    assert [*told.split(), "embedding_api_key", "oidc_client_secret"] == SECRETS
    settings = load_settings(**dict.fromkeys(SECRETS, "s3cret"))
    assert "s3cret" not in f"{settings!r} {settings} {settings.model_dump_json()}"
    with pytest.raises(UsageError) as caught:
        load_settings(write(workspace, 'source_token = ["s3cret"]\n'))
    assert "s3cret" not in str(caught.value)


def test_importing_reads_neither_environment_nor_file(workspace: Path) -> None:
    write(workspace, "not toml")
    program = (
        "import os, casewright.settings as s\n"
        "os.environ['CASEWRIGHT_CONCURRENCY'] = '3'\n"
        "print(s.load_settings().concurrency)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=workspace,
        env={**os.environ, "CASEWRIGHT_CONCURRENCY": "many"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("3\n", "")
