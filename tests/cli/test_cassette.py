"""Recorded once, repeated for nothing: commands with a cassette, against the simulated endpoint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.model.app import Manner
from sandbox.model.server import simulating

NOWHERE = "http://127.0.0.1:9/v1"


def counts(cost: dict[str, Any]) -> dict[str, int]:
    return {name: cost[name] for name in ("model_calls", "tokens_in", "tokens_out", "micros")}


def decided(run: dict[str, Any]) -> tuple[Any, ...]:
    decision = run["decision"]
    factors = [(one["name"], one["value"], one["by"]) for one in decision["factors"]]
    return decision["outcome"], decision["route"], factors, counts(decision["cost"])


@pytest.fixture
def keyed(monkeypatch: pytest.MonkeyPatch) -> str:
    key = "sk-never-to-be-found"
    monkeypatch.setenv("CASEWRIGHT_MODEL", "simulated-expert")
    monkeypatch.setenv("CASEWRIGHT_MODEL_API_KEY", key)
    monkeypatch.setenv("CASEWRIGHT_MODEL_PRIVACY", "off")  # Presidio takes seconds to import
    monkeypatch.setenv("CASEWRIGHT_MODEL_PRICES", '{"simulated-expert": {"in": 1, "out": 2}}')
    return key


def test_an_investigation_is_repeated_without_the_endpoint(
    shell: Any,
    plain_case: str,
    world: Path,
    tmp_path: Path,
    keyed: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cassette = tmp_path / "cassette.json"
    with simulating(world, Manner()) as url:
        monkeypatch.setenv("CASEWRIGHT_MODEL_BASE_URL", url)
        live = shell("investigate", plain_case, "--record", str(cassette), "--json")
    assert f"Recorded in {cassette}, " in live.err.replace("\n", "")
    assert live.json["decision"]["cost"]["micros"] > 0
    kept = cassette.read_text("utf-8")
    assert keyed not in kept
    assert "bearer" not in kept.lower()

    monkeypatch.setenv("CASEWRIGHT_MODEL_BASE_URL", NOWHERE)
    moment = live.json["as_of"]
    repeated = ("investigate", plain_case, "--as-of", moment, "--replay", str(cassette))
    again = shell(*repeated, "--json")
    assert decided(again.json) == decided(live.json)

    held = json.loads(kept)
    held["interactions"].pop()
    cassette.write_text(json.dumps(held), "utf-8")
    lacks = shell(*repeated)
    assert lacks.code == 2
    assert "holds no further answer of simulated-expert" in lacks.err


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--record", "a.json", "--replay", "a.json"], "recorded or replayed"),
        (["--replay", "none.json"], "There is no cassette"),
    ],
)
def test_what_cannot_be_done_with_a_cassette_is_told(
    shell: Any, plain_case: str, keyed: str, given: list[str], told: str
) -> None:
    ran = shell("investigate", plain_case, *given)
    assert ran.code == 2
    assert told in ran.err


def test_without_a_model_there_is_nothing_to_record(shell: Any, plain_case: str) -> None:
    ran = shell("batch", "run", plain_case, "--record", "a.json")
    assert ran.code == 2
    assert "No model is set" in ran.err
