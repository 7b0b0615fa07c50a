from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from casewright.errors import EnvironmentFault
from casewright.release import Release
from casewright.store import Store
from review.paged import require_printable

RELEASE = Release(
    sop="x",
    case_type="x",
    version="x@1+0",
    kind="promoted",
    stage="canary",
    share=0.1,
    author="ana",
    at=datetime(2026, 6, 1, tzinfo=UTC),
    why="it passed",
    report="b" * 64,
)


@pytest.fixture
def investigated(shell, plain_case):
    assert shell("investigate", plain_case).code == 3
    return plain_case


def tamper(shell, statement: str) -> None:
    with closing(sqlite3.connect(shell.home / "casewright.sqlite")) as connection, connection:
        connection.executescript(statement)


def test_a_log_is_shown_verified_and_its_change_is_named(shell, investigated):
    shell("review", "show", investigated)
    shell("review", "show", investigated, "--cite", "2")
    events = shell("audit", "show", investigated, "--json").json
    assert events[0]["kind"] == "entered"
    assert [one["kind"] for one in events][-2:] == ["viewed", "viewed"]
    assert events[0]["actor"] == {"role": "analyst", "id": "qa"}
    assert events[-1]["body"]["citation"] == 2
    ran = shell("audit", "verify", "--json")
    assert (ran.code, ran.json["faults"]) == (0, [])
    assert shell("audit", "show", investigated).out.count("evidence") > 3
    assert "nothing" in shell("audit", "show", "nobody").out

    tamper(
        shell,
        "DROP TRIGGER audit_events_no_update; UPDATE audit_events SET at = '2026' WHERE entry = 3",
    )
    ran = shell("audit", "verify")
    assert ran.code == 1
    assert f"case {investigated}, event 3 (evidence): it was changed" in ran.out
    assert "audit_events_no_update" in ran.out


def test_a_head_kept_elsewhere_convicts_a_log_that_was_cut(shell, investigated):
    head = shell("audit", "head").out.strip()
    assert shell("audit", "head", investigated, "--json").json["hash"] == head.partition(":")[2]
    assert shell("audit", "verify", "--head", head).code == 0
    shell("review", "show", investigated)
    assert shell("audit", "verify", "--head", head).code == 0
    other = head.replace(head[-4:], "0000")
    ran = shell("audit", "verify", "--head", other)
    assert (ran.code, "not the one that was kept elsewhere" in ran.out) == (1, True)


def test_a_closed_case_is_erased_and_its_log_still_verifies(shell, investigated):
    assert shell("review", "approve", investigated, "--code", "A1").code == 0
    with closing(sqlite3.connect(shell.home / "casewright.sqlite")) as connection:
        (run_id,) = connection.execute("SELECT run_id FROM runs").fetchone()
        connection.execute("INSERT INTO shadow_runs VALUES (?, 'v', '2026', '{}')", (run_id,))
        connection.commit()
    checkpoints = shell.home / "checkpoints.sqlite"
    assert run_id.encode() in checkpoints.read_bytes()
    unsure = shell("audit", "erase", investigated)
    assert (unsure.code, "give --yes" in unsure.err) == (2, True)
    before = len(shell("audit", "show", investigated, "--json").json)

    gone = shell("audit", "erase", investigated, "--yes", "--as", "dpo", "--json")
    assert (gone.code, gone.json["runs"]) == (0, 1)
    assert len(gone.json["evidence"]) > 5
    events = shell("audit", "show", investigated, "--json").json
    assert len(events) == before + 1
    assert (events[-1]["kind"], events[-1]["actor"]["id"]) == ("erased", "dpo")
    assert shell("audit", "verify").code == 0
    assert run_id.encode() not in checkpoints.read_bytes()
    with closing(sqlite3.connect(shell.home / "casewright.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM shadow_runs").fetchone() == (0,)


def test_what_concerns_versions_is_shown_without_a_case(shell, investigated):
    assert "holds nothing" in shell("audit", "show").out

    async def promoted() -> None:
        async with Store.open(shell.home) as store:
            await store.releases.put(RELEASE)

    asyncio.run(promoted())
    ran = shell("audit", "show")
    assert (ran.code, "promoted" in ran.out, "x@1+0, canary" in ran.out) == (0, True, True)
    assert shell("audit", "verify").code == 0


def test_a_case_that_waits_is_not_erased(shell, investigated):
    ran = shell("audit", "erase", investigated, "--yes")
    assert (ran.code, "is not closed yet" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("verify", "--head", "x"), "no head"),
        (("verify", "nobody"), "knows no case"),
        (("verify", "--dossier", "nowhere.json"), "cannot be read"),
    ],
)
def test_bad_usage_is_told(shell, arguments, told):
    ran = shell("audit", *arguments)
    assert (ran.code, told in ran.err) == (2, True)


def test_a_dossier_is_written_and_verified_where_there_is_no_store(shell, investigated, tmp_path):
    ran = shell(
        "export", "dossier", investigated, "--out", "out", "--reveal", "--as", "ana", "--json"
    )
    assert (ran.code, ran.json["faults"], ran.json["masked"]) == (0, [], False)
    file = Path(ran.json["json_file"])
    shell.home = tmp_path / "elsewhere"
    ran = shell("audit", "verify", "--dossier", str(file), "--json")
    assert (ran.code, ran.json["unproven"]) == (0, [])
    assert not shell.home.exists()
    assert shell("audit", "verify", "--dossier", str(file), "--head", ran.json["head"]).code == 0
    assert shell("audit", "verify", "other", "--dossier", str(file)).code == 2
    value = json.loads(file.read_text("utf-8"))
    value["runs"][0]["decision"]["outcome"] = "partial"
    file.write_text(json.dumps(value), "utf-8")
    ran = shell("audit", "verify", "--dossier", str(file))
    assert ran.code == 1
    assert "the seal is another" in ran.out
    assert "the table leads to" in ran.out


def test_a_pdf_is_written_beside_and_verifies_alone(shell, investigated, tmp_path):
    try:
        require_printable()
    except EnvironmentFault as error:
        pytest.skip(error.message)
    ran = shell("export", "dossier", investigated, "--out", "out", "--reveal", "--pdf", "--json")
    assert (ran.code, ran.json["faults"]) == (0, [])
    file = Path(ran.json["pdf_file"])
    assert file.name == f"{investigated}.pdf"
    shell.home = tmp_path / "elsewhere"
    assert shell("audit", "verify", "--dossier", str(file)).code == 0


def test_without_weasyprint_nothing_is_written(shell, investigated, monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr("review.paged.import_module", missing)
    ran = shell("export", "dossier", investigated, "--out", "out", "--reveal", "--pdf")
    assert (ran.code != 0, "casewright[pdf]" in ran.err) == (True, True)
    assert not Path("out").exists()


def test_without_presidio_nothing_is_masked_and_nothing_written(shell, investigated, monkeypatch):
    monkeypatch.setattr("agents.personal.find_spec", lambda _: None)
    ran = shell("export", "dossier", investigated, "--out", "out")
    assert ran.code != 0
    assert "--reveal" in ran.err
    assert not Path("out").exists()
    assert shell("export", "dossier", "nobody", "--out", "out").code == 2
