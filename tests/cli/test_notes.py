from __future__ import annotations

from typing import Any

import pytest

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach

CASE = "case_000233"
TOLD = ("Swift scanned twice in March.", "--author", "ana", "--reason", "the carrier wrote")
LATE = ("--scope", "case_type=appeal.late_dispatch")


def test_a_note_is_written_used_listed_and_withdrawn(shell: Shell) -> None:
    ran = shell(
        "kb", "note", *TOLD, *LATE, "--scope", "until=2027-01-01",
        "--scope", 'when=order.carrier != "Swift"', "--sets", "scan_stalled=yes",
        "--expires", "2027-01-01", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    note = ran.json
    assert note["scope"]["when"] == 'order.carrier != "Swift"'
    assert note["value"] is True
    shown = shell("kb", "notes").out
    assert note["note_id"] in shown
    assert "scan_stalled=yes" in shown

    decision = shell("investigate", CASE, "--json").json["decision"]
    assert decision["notes"][0]["note_id"] == note["note_id"]
    assert "ana notes: Swift scanned twice" in shell("review", "show", CASE).out

    gone = shell("kb", "note", "--withdraw", note["note_id"], "--author", "bo", "--reason", "wrong")
    assert gone.code == 0, gone.err
    assert "No notes." in shell("kb", "notes").out
    (kept,) = shell("kb", "notes", "--all", "--json").json
    assert (kept["withdrawn_by"], kept["withdrawn_reason"]) == ("bo", "wrong")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("A text.", "--author", "ana"), "needs --reason"),
        (("--author", "ana", "--reason", "so"), "needs TEXT"),
        ((*TOLD, "--scope", "colour=red"), "colour"),
        ((*TOLD, "--scope", "region"), "NAME=VALUE"),
        ((*TOLD, "--scope", "since=2026-01-01", "--scope", "since=2026-02-01"), "one since"),
        ((*TOLD, "--sets", "scan_stalled=yes"), "case_type"),
        ((*TOLD, "--scope", "when=order.carrier == 'S'"), "case_type"),
        ((*TOLD, *LATE, "--scope", "when=parcel.lost"), "parcel"),
        ((*TOLD, *LATE, "--sets", "no_such=yes"), "no_such"),
        ((*TOLD, *LATE, "--sets", "scan_stalled"), "FACTOR=VALUE"),
        ((*TOLD, *LATE, "--sets", "scan_stalled=maybe"), "maybe"),
        ((*TOLD, *LATE, "--sets", "statement_contradicts_scans=unknown"), "a question"),
        ((*TOLD, "--expires", "2025-01-01"), "over already"),
        (("--withdraw", "N-9", "--author", "ana", "--reason", "so"), "no note"),
    ],
)
def test_what_cannot_be_used_is_refused(
    shell: Shell, arguments: tuple[str, ...], told: str
) -> None:
    ran = shell("kb", "note", *arguments)
    assert ran.code == 2
    assert told in ran.err
    assert shell("kb", "notes", "--all", "--json").json == []
