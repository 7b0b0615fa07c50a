"""The example workspaces do what their page says, and the tools page's declarations load."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

import cli
from tools.declared import ReadFile, build
from tools.sources.connections import Connections, Surroundings

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
EXPECTED = {
    "refund-001": ("pay", "review"),
    "refund-002": ("refuse", "review"),
    "refund-003": ("refuse", "senior"),
    "refund-004": ("escalate", "review"),
}


@pytest.fixture
def example(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "two_csv"
    shutil.copytree(EXAMPLES / "two_csv", folder, ignore=shutil.ignore_patterns(".casewright"))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CASEWRIGHT_REVIEWER", "qa")
    monkeypatch.setenv("COLUMNS", "120")
    for name in ("CASEWRIGHT_HOME", "CASEWRIGHT_SOURCE_URL"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def shell(capsys):
    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.run(list(arguments))
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_two_csv_files_are_enough_to_investigate(example, shell):
    code, out, _ = shell("investigate", "refund-002", "--json")
    assert code == 3
    run = json.loads(out)
    assert (run["decision"]["outcome"], run["case"]["subject"]["buyer_id"]) == ("refuse", "B-200")
    cited = {
        one["label"]: one["quote"] for c in run["decision"]["claims"] for one in c["citations"]
    }
    assert cited["refunds/items/0/order_id"] == "O-377"
    code, out, _ = shell("review", "approve", "refund-002", "--code", "A1")
    assert (code, "Closed." in out) == (0, True)


def test_every_case_of_the_table_reaches_the_gate(example, shell):
    code, out, _ = shell("batch", "run")
    assert code == 0
    lines = map(json.loads, out.splitlines())
    assert {line["case_id"]: (line["outcome"], line["route"]) for line in lines} == EXPECTED


def test_what_is_known_later_does_not_count(example, shell):
    # The buyer of refund-001 is refunded again on 30 June.
    early = ("investigate", "refund-001", "--as-of", "2026-06-03T00:00:00Z", "--json")
    found = []
    for arguments in (early, (*early[:3], "2026-07-03T00:00:00Z", "--json")):
        assert shell(*arguments)[0] == 3
        shown = shell("review", "show", "refund-001", "--cite", "4")[1]
        found.append("O-499" in shown)
    assert found == [False, True]


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("sops/goodwill_refund/sop.yaml", "{account.opened_on}", "{account.display_name}", "party"),
        (
            "sops/goodwill_refund/sop.yaml",
            "account.opened_on >=",
            "account.opend_on >=",
            "opened_on",
        ),
        (
            "sops/goodwill_refund/sop.yaml",
            "tool: list_refunds",
            "tool: list_refund",
            "list_refunds",
        ),
        ("sops/goodwill_refund/sop.yaml", "with: {buyer_id:", "with: {buyr_id:", "buyer_id"),
        ("tools/refunds.yaml", "csv: data/refunds.csv", "csv: ../refunds.csv", "leads out"),
        ("tools/refunds.yaml", "reason: {enum", "reason: {enums", "'enum'"),
    ],
)
def test_declared_tools_are_checked_as_built_in_ones_are(example, shell, file, old, new, told):
    path = example / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    code, out, err = shell("sop", "check", "goodwill_refund")
    assert code != 0
    assert told in out + err
    assert re.search(rf"{Path(file).name}:\d+:\d+", out + err)


def test_a_missing_file_fails_the_run_and_loses_nothing(example, shell):
    moved = (example / "data/refunds.csv").rename(example / "away.csv")
    code, _, err = shell("investigate", "refund-001")
    assert code == 1
    assert "There is no file 'data/refunds.csv'" in err
    moved.rename(example / "data/refunds.csv")
    assert shell("investigate", "refund-001")[0] == 3


def test_every_declaration_of_the_page_loads(tmp_path):
    from casewright.settings import Settings

    page = (ROOT / "docs/tools.md").read_text("utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) == 4
    connections = Connections(Surroundings(Settings(), tmp_path, {}))
    names: set[str] = set()
    for block in blocks:
        read = ReadFile.parse(block, "docs/tools.md")
        names |= set(build([read], (), connections))
        names |= {server.name for server in read.content.mcp}
    assert names == {"get_account", "list_notes", "get_badge", "list_refunds", "wiki", "tickets"}
