"""Graph versions: the digest changes with what can change a decision, and with nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from casewright.settings import Fallback, Settings
from graphs import versions
from graphs.sop import Sop
from graphs.versions import version_of


@pytest.fixture
def plain(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, model="")


def test_a_version_names_the_sop_its_number_and_the_digest(small: Sop, plain: Settings) -> None:
    version = version_of(small, plain)
    assert re.fullmatch(r"small@1\+[0-9a-f]{12}", version)
    assert version_of(small, plain) == version


@pytest.mark.parametrize("file", ["sop.yaml", "policy.md"])
def test_every_byte_of_the_files_counts(small: Sop, plain: Settings, file: str) -> None:
    changed = replace(small, files={**small.files, file: small.files[file] + "\n"})
    assert version_of(changed, plain) != version_of(small, plain)


@pytest.mark.parametrize(
    "change",
    [
        {"model": "gpt-x"},
        {"model_base_url": "https://llm.example/v1"},
        {"model_mode": "json"},
        {"model_reasoning_effort": "low"},
        {"model_fallbacks": (Fallback(model="gpt-y"),)},
        {"model_tool_calls": 7},
        {"model_tokens": 7},
        {"model_seconds": 7.0},
        {"model_budget_micros": 7},
        {"precedents": 9},
    ],
)
def test_settings_that_can_change_a_decision_count(
    small: Sop, plain: Settings, change: dict[str, Any]
) -> None:
    assert version_of(small, plain.model_copy(update=change)) != version_of(small, plain)


@pytest.mark.parametrize(
    "change",
    [
        {"home": Path("/elsewhere")},
        {"source_url": "https://market.example"},
        {"source_token": SecretStr("t")},
        {"source_timeout_s": 1.0},
        {"source_attempts": 9},
        {"model_api_key": SecretStr("k")},
        {"model_timeout_s": 1.0},
        {"model_requests_per_minute": 60},
        {"model_tokens_per_minute": 60_000},
        {"model_concurrency": 2},
        {"reviewer": "ana"},
        {"concurrency": 2},
    ],
)
def test_other_settings_do_not(small: Sop, plain: Settings, change: dict[str, Any]) -> None:
    assert version_of(small, plain.model_copy(update=change)) == version_of(small, plain)


def test_prompts_and_code_count(
    small: Sop, plain: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = version_of(small, plain)
    monkeypatch.setattr(versions, "CODE_VERSION", versions.CODE_VERSION + 1)
    coded = version_of(small, plain)
    monkeypatch.undo()
    monkeypatch.setattr(versions, "prompt_digest", lambda: "another")
    prompted = version_of(small, plain)
    assert len({before, coded, prompted}) == 3


@pytest.mark.parametrize("name", ["get_order", "list_messages"])
def test_the_declaration_of_a_tool_is_part_of_the_version(name: str) -> None:
    """Of one that an action calls, and of one that the reader alone may use."""
    from dataclasses import replace

    from casewright.registry import load_plugins
    from casewright.settings import Settings
    from graphs.catalog import Catalog
    from graphs.load import load_sop
    from graphs.versions import version_of
    from tools.base import Tool

    tools = load_plugins().all("tool", Tool)
    changed = {**tools, name: replace(tools[name], digest="0" * 64)}
    files = dict(Catalog(tools).load("late_shipment_appeal").files)
    files["sop.yaml"] = files["sop.yaml"].replace("tools: [", "tools: [list_messages, ")
    versions = {version_of(load_sop(files, some), Settings()) for some in (tools, changed)}
    assert len(versions) == 2
