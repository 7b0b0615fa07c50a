"""Which version the next case runs on, while people promote, edit and roll back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.errors import UsageError
from casewright.models import Case, RunStatus
from casewright.release import Release
from casewright.settings import Settings
from casewright.store import Store
from graphs.choice import Choice
from graphs.load import load_sop, read_files
from graphs.run import Investigator, Wish, open_investigator
from graphs.sampling import in_canary
from graphs.versions import made_of, version_of
from tools.base import Tool

SOP = "late_shipment_appeal"
Opened = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with the built-in SOP under its own name, to be edited."""
    import shutil

    from graphs.library import BUILT_IN

    shutil.copytree(BUILT_IN / SOP, tmp_path / "ours" / "sops" / SOP)
    return tmp_path / "ours"


@pytest.fixture
def promote(settings: Settings, tools: dict[str, Tool], folder: Path) -> Callable[..., Any]:
    """Promotes what the folder holds now, as the command does once a report has passed."""

    async def promote(stage: str, share: float | None = None, at: Path = folder) -> Release:
        from graphs.catalog import Catalog

        sop = Catalog(tools, at).load(SOP)
        release = Release(
            sop=SOP,
            case_type=sop.spec.case_type,
            version=version_of(sop, settings),
            kind="promoted",
            stage=stage,  # type: ignore[arg-type]  # one of the three
            share=share,
            author="qa",
            at=datetime(2026, 6, 1, tzinfo=UTC),
            why="it passed",
            report="a" * 64,
            made_of=made_of(sop, settings),
        )
        async with Store.open(settings.home) as store:
            await store.put_version(release.version, SOP, sop.files, at=release.at)
            await store.releases.put(release)
        return release

    return promote


def edit(folder: Path, text: str) -> None:
    path = folder / "sops" / SOP / "sop.yaml"
    path.write_text(f"{path.read_text('utf-8')}\n# {text}\n", "utf-8")


@pytest.fixture
def late_ids(world: Path) -> list[str]:
    """Open late-dispatch cases."""
    import json

    causes = (json.loads(line) for line in (world / "causes.jsonl").read_text("utf-8").splitlines())
    return [
        one["case_id"]
        for one in causes
        if one["case_type"] == "appeal.late_dispatch" and one["state"] == "open"
    ]


Promote = Callable[..., Awaitable[Release]]


async def test_what_was_promoted_runs_whatever_becomes_of_the_folder(
    opened: Opened, promote: Promote, folder: Path, late_ids: list[str]
) -> None:
    release = await promote("production")
    edit(folder, "edited")
    async with opened(workspace=folder) as investigator:
        run = await investigator.investigate(late_ids[0])
        assert run.graph_version == release.version
        wished = await investigator.investigate(late_ids[1], Wish(sop=SOP))
        assert wished.graph_version != release.version
        (folder / "sops" / SOP / "sop.yaml").write_text("broken: [", "utf-8")
        run = await investigator.investigate(late_ids[2])
        assert (run.graph_version, run.status) == (release.version, RunStatus.WAITING)


async def test_a_rollback_holds_from_the_next_case_of_the_same_process(
    opened: Opened, promote: Promote, folder: Path, late_ids: list[str]
) -> None:
    first = await promote("production")
    edit(folder, "the second")
    async with opened(workspace=folder) as investigator:
        second = await promote("production")
        assert (await investigator.investigate(late_ids[0])).graph_version == second.version
        await _roll_back(investigator)
        assert (await investigator.investigate(late_ids[1])).graph_version == first.version
        assert (await investigator.investigate(late_ids[0])).graph_version == second.version
        again = await investigator.investigate(late_ids[0], Wish(again=True))
        assert again.graph_version == first.version
        await _roll_back(investigator)
        assert (await investigator.store.releases.standing(SOP)).production is None
        edit(folder, "nobody measured this")
        run = await investigator.investigate(late_ids[2])
        assert run.graph_version not in (first.version, second.version)
        with pytest.raises(UsageError, match="No version of late_shipment_appeal stands in prod"):
            await _roll_back(investigator)


async def _roll_back(investigator: Investigator) -> None:
    releases, now = investigator.store.releases, datetime(2026, 6, 2, tzinfo=UTC)
    await releases.roll_back(SOP, "production", author="qa", why="it was worse", at=now)


async def test_what_cannot_be_reproduced_is_refused(
    promote: Promote, settings: Settings, folder: Path, late_ids: list[str]
) -> None:
    release = await promote("production")
    other = settings.model_copy(update={"precedents": 1})
    async with open_investigator(other, workspace=folder) as investigator:
        with pytest.raises(UsageError) as caught:
            await investigator.investigate(late_ids[0])
        assert await investigator.store.latest_run(late_ids[0]) is None
    assert f"{release.version} stands in production" in str(caught.value)
    assert "precedents was 3, is 1" in str(caught.value)
    assert "model" not in caught.value.message


async def test_a_canary_decides_its_share_and_cases_stay(
    opened: Opened, promote: Promote, folder: Path, late_ids: list[str]
) -> None:
    production = await promote("production")
    edit(folder, "the canary")
    canary = await promote("canary", 0.5)
    async with opened(workspace=folder) as investigator:
        ran = {one: (await investigator.investigate(one)).graph_version for one in late_ids[:6]}
        for case_id, version in ran.items():
            mine = in_canary(case_id, canary.version, 0.5, key=b"")
            assert version == (canary.version if mine else production.version)
        assert set(ran.values()) == {canary.version, production.version}
        await promote("canary", 0.999999)
        stayed = next(one for one, version in ran.items() if version == production.version)
        again = await investigator.investigate(stayed, Wish(again=True))
        assert again.graph_version == production.version


async def test_versions_of_two_procedures_for_one_type_are_refused(
    opened: Opened, promote: Promote, settings: Settings, late_ids: list[str]
) -> None:
    release = await promote("production")
    async with opened() as investigator:
        other = release.model_copy(update={"sop": "other", "version": "other@1+ab"})
        await investigator.store.releases.put(other)
        with pytest.raises(UsageError, match="Versions of late_shipment_appeal and other stand"):
            await investigator.investigate(late_ids[0])


async def test_the_log_is_read_again_only_where_it_has_grown(
    settings: Settings, promote: Promote, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = await promote("production")
    async with Store.open(settings.home) as store:
        choice, reads = Choice(store, settings), []
        every = type(store.releases).every_standing

        async def counted(self: Any) -> Any:
            reads.append(1)
            return await every(self)

        monkeypatch.setattr(type(store.releases), "every_standing", counted)
        late = case.model_copy(update={"case_type": release.case_type})
        for _ in range(3):
            assert await choice.of_case(late, None) == release
        assert await choice.of_case(case, None) is None
        assert len(reads) == 1


@given(st.text(min_size=1), st.floats(0.01, 0.9), st.floats(0, 0.09))
def test_a_larger_share_draws_the_same_cases_and_more(
    case_id: str, share: float, more: float
) -> None:
    if in_canary(case_id, "a@1+b", share, key=b"k"):
        assert in_canary(case_id, "a@1+b", share + more, key=b"k")


def test_the_share_is_the_share() -> None:
    drawn = sum(in_canary(f"case_{i}", "a@1+b", 0.1, key=b"k") for i in range(5000))
    assert abs(drawn / 5000 - 0.1) < 4 * (0.1 * 0.9 / 5000) ** 0.5


def test_the_parts_of_a_version_are_told_without_secrets(
    tools: dict[str, Tool], settings: Settings
) -> None:
    from graphs.library import BUILT_IN

    sop = load_sop(read_files(BUILT_IN / SOP), tools, folder=SOP)
    url = "https://name:secret@models.example/v1"
    told = made_of(sop, settings.model_copy(update={"model_base_url": url, "model": "m"}))
    assert (told["model"], told["precedents"]) == ("m", "3")
    assert "secret" not in str(told)
