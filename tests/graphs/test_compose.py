"""SOPs put together: fragments, SOPs that extend others, and whose word counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from casewright.errors import SopError
from casewright.settings import Settings
from graphs.catalog import Catalog
from graphs.library import BUILT_IN, Library, read_files
from graphs.load import load_sop
from graphs.prove import prove
from graphs.show import origins
from graphs.sop import Sop
from graphs.versions import version_of
from tools.base import Tool

FRAGMENT = """\
fragment: papers
title: The documents handed in
actions:
  docs:
    tool: list_documents
    with: {ref_id: appeal.appeal_id}
factors:
  altered:
    rule: docs.n_altered > policy.altered_limit
    says: {yes: "{docs.n_altered} were altered.", no: "None was altered."}
"""
PACK = """\
---
policy: papers
values:
  altered_limit:
    clause: GEN-1.1
    versions: [{from: 2025-01-01, default: 0}]
---

## GEN-1.1 · from 2025-01-01

The shared wording.

## GEN-1.2 · from 2025-01-01

Another shared clause.
"""
SOP = """\
sop: own
version: 1
use: [papers]
title: A procedure with a fragment
case_type: appeal.own
outcomes: [overturn, uphold]
actions:
  appeal:
    tool: get_appeal
    with: {appeal_id: case.subject.appeal_id}
decision:
  hit_policy: first
  table:
    - {id: papers, if: altered, then: uphold, policy: [GEN-1.1]}
    - {if: "!altered", then: overturn, policy: [OWN-1.1]}
"""
POLICY = """\
---
policy: own
use: [papers]
---

## OWN-1.1 · from 2025-01-01

Only here.
"""
EXTENDED = """\
sop: abroad
version: 4
extends: own
decision:
  rows:
    papers: {route: senior}
"""

SHARED = "fragments/papers.yaml"
CLAUSES = "fragments/papers.md"

TODAY = datetime(2026, 6, 1, tzinfo=UTC)

Files = dict[str, str]


@pytest.fixture
def shared() -> Files:
    return {
        "sop.yaml": SOP,
        "policy.md": POLICY,
        "fragments/papers.yaml": FRAGMENT,
        "fragments/papers.md": PACK,
    }


@pytest.fixture
def extending(shared: Files) -> Files:
    base = {f"extends/own/{name}": shared.pop(name) for name in ("sop.yaml", "policy.md")}
    return {**shared, **base, "sop.yaml": EXTENDED}


def on_disk(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return root


def clause(sop: Sop, clause_id: str) -> str:
    found = sop.policy.in_force(clause_id, on=datetime(2026, 1, 1, tzinfo=UTC), region="US")
    return found.text if found else ""


def test_a_fragment_brings_its_parts(shared: Files, tools: dict[str, Tool]) -> None:
    sop = load_sop(shared, tools, folder="own")
    assert list(sop.actions) == ["docs", "appeal"]
    assert sop.factors["altered"].spec.says.no == ("None was altered.",)
    assert clause(sop, "GEN-1.1") == "The shared wording."
    assert clause(sop, "OWN-1.1") == "Only here."
    assert sop.files == shared
    assert not [
        one for one in prove(sop, today=datetime(2026, 1, 1, tzinfo=UTC)) if one.severity == "error"
    ]


def test_the_sops_own_parts_win_one_by_one(shared: Files, tools: dict[str, Tool]) -> None:
    shared["sop.yaml"] = SOP.replace(
        "actions:\n",
        "factors:\n  altered:\n    says: {no: All are as they were.}\n"
        "actions:\n  docs:\n    required: true\n",
    )
    shared["policy.md"] = (
        POLICY.replace(
            "use: [papers]",
            "use: [papers]\nvalues:\n  altered_limit:\n"
            "    versions: [{from: 2025-01-01, default: 7}]",
        )
        + "\n## GEN-1.1 · from 2025-01-01\n\nOur own wording.\n"
    )
    sop = load_sop(shared, tools, folder="own")
    assert sop.factors["altered"].spec.says.no == ("All are as they were.",)
    assert sop.factors["altered"].spec.says.yes == ("{docs.n_altered} were altered.",)
    assert sop.actions["docs"].spec.required
    assert clause(sop, "GEN-1.1") == "Our own wording."
    day = datetime(2026, 1, 1, tzinfo=UTC)
    assert sop.policy.value("altered_limit", on=day, region="US") == 7
    assert sop.policy.values["altered_limit"].clause == "GEN-1.1"
    told = origins(sop)
    assert told["actions.docs"] == "fragments/papers.yaml; here: required"
    assert told["clauses.GEN-1.2@2025-01-01"] == "fragments/papers.md"
    assert "clauses.GEN-1.1@2025-01-01" not in told


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "told"),
    [
        (SHARED, "list_documents", "list_docs", f"{SHARED}:5:5", "list_docs"),
        (SHARED, "docs.n_altered >", "docs.n_alterd >", f"{SHARED}:9:5", "n_alterd"),
        (SHARED, "appeal.appeal_id", "appeal.(", f"{SHARED}:6:12", "not a CEL"),
        (SHARED, "title:", "outcomes: []\ntitle:", f"{SHARED}:2:1", "outcomes"),
        (SHARED, "fragment: papers", "fragment: paper", f"{SHARED}:1:1", "its name"),
        (SHARED, "    rule:", "    rul:", f"{SHARED}:9:5", "no such key"),
        (CLAUSES, "clause: GEN-1.1", "clause: GEN-9.1", f"{CLAUSES}:5:5", "GEN-9.1"),
        (CLAUSES, "## GEN-1.2 · from", "## GEN-1.2 from", f"{CLAUSES}:13", "heading"),
        ("sop.yaml", "use: [papers]", "use: [paprs]", "own/sop.yaml:3:7", "fragment 'paprs'"),
        ("sop.yaml", "outcomes:", "actoins: {}\noutcomes:", "own/sop.yaml:6:1", "no such key"),
        ("sop.yaml", "actions:\n", "actions:\n  dcs: null\n", "own/sop.yaml:8:3", "out 'dcs'"),
        ("sop.yaml", "  table:", "  rows: {1: null}\n  table:", "own/sop.yaml:13:3", "extends"),
        ("policy.md", "use: [papers]", "use: [paprs]", "own/policy.md:3:7", "no fragment 'paprs'"),
    ],
)  # fmt: skip
def test_mistakes_are_told_where_they_were_made(
    shared: Files, tools: dict[str, Tool], file: str, old: str, new: str, place: str, told: str
) -> None:
    assert shared[file].count(old) >= 1
    shared[file] = shared[file].replace(old, new, 1)
    with pytest.raises(SopError) as caught:
        load_sop(shared, tools, folder="own")
    assert caught.value.message.startswith(f"{place}: ")
    assert told in caught.value.message


def test_two_fragments_may_not_bring_the_same_part(shared: Files, tools: dict[str, Tool]) -> None:
    shared["fragments/more.yaml"] = FRAGMENT.replace("papers", "more").split("factors:")[0]
    shared["sop.yaml"] = SOP.replace("use: [papers]", "use: [papers, more]")
    with pytest.raises(
        SopError, match=r"^own/sop\.yaml:3:15: papers and more both bring actions\.docs"
    ):
        load_sop(shared, tools, folder="own")
    shared["fragments/more.yaml"] += "use: [papers]\n"
    assert load_sop(shared, tools, folder="own").actions["docs"].tool.name == "list_documents"


def test_fragments_that_two_others_use_come_once(shared: Files, tools: dict[str, Tool]) -> None:
    for name in ("one", "other"):
        shared[f"fragments/{name}.yaml"] = f"fragment: {name}\ntitle: t\nuse: [papers]\n"
    shared["sop.yaml"] = SOP.replace("use: [papers]", "use: [one, other]")
    assert "docs" in load_sop(shared, tools, folder="own").actions


def test_fragments_may_not_use_each_other(shared: Files, tools: dict[str, Tool]) -> None:
    shared["fragments/papers.yaml"] += "use: [back]\n"
    shared["fragments/back.yaml"] = "fragment: back\ntitle: t\nuse: [papers]\n"
    with pytest.raises(SopError, match=r"^fragments/back\.yaml:3:7: .*papers → back → papers"):
        load_sop(shared, tools, folder="own")


def test_an_sop_that_extends_another_changes_parts_of_it(
    extending: Files, tools: dict[str, Tool]
) -> None:
    sop = load_sop(extending, tools, folder="abroad")
    assert (sop.name, sop.spec.version, sop.spec.case_type) == ("abroad", 4, "appeal.own")
    assert [row.spec.route.value for row in sop.rows] == ["senior", "review"]
    assert clause(sop, "OWN-1.1") == "Only here."
    told = origins(sop)
    assert told["decision.table.0"] == "own/sop.yaml; here: route"
    assert told["actions.docs"] == "fragments/papers.yaml"


def test_a_pack_of_its_own_changes_clauses_and_values(
    extending: Files, tools: dict[str, Tool]
) -> None:
    extending["policy.md"] = (
        "---\npolicy: abroad\n---\n\n## OWN-1.1 · from 2025-01-01\n\nAnother law holds.\n"
    )
    sop = load_sop(extending, tools, folder="abroad")
    assert clause(sop, "OWN-1.1") == "Another law holds."
    assert clause(sop, "GEN-1.1") == "The shared wording."


def test_a_fragment_of_the_extended_sop_is_not_laid_over_it_again(
    extending: Files, tools: dict[str, Tool]
) -> None:
    base = extending["extends/own/sop.yaml"]
    extending["extends/own/sop.yaml"] = base.replace(
        "actions:\n", "actions:\n  docs: {required: true}\n"
    )
    extending["sop.yaml"] = EXTENDED.replace("extends: own", "extends: own\nuse: [papers]")
    assert load_sop(extending, tools, folder="abroad").actions["docs"].spec.required


@pytest.mark.parametrize(
    ("old", "new", "place", "told"),
    [
        ("papers: {route", "paper: {route", "abroad/sop.yaml:6:5", "no row 'paper'"),
        ("route: senior", "rout: senior", "abroad/sop.yaml:6:14", "no such key"),
        ("route: senior", "then: overtrn", "abroad/sop.yaml:6:14", "no outcome 'overtrn'"),
        ("version: 4\n", "", "abroad/sop.yaml:1:1", "version: this key is required"),
    ],
)
def test_mistakes_in_what_changes(
    extending: Files, tools: dict[str, Tool], old: str, new: str, place: str, told: str
) -> None:
    extending["sop.yaml"] = EXTENDED.replace(old, new)
    with pytest.raises(SopError) as caught:
        load_sop(extending, tools, folder="abroad")
    assert caught.value.message.startswith(place)
    assert told in caught.value.message


def test_what_a_folder_is_made_of_is_found_and_pinned(
    tmp_path: Path, shared: Files, extending: Files, tools: dict[str, Tool]
) -> None:
    base = {f"own/{name}": text for name, text in (("sop.yaml", SOP), ("policy.md", POLICY))}
    fragments = {name: text for name, text in extending.items() if name.startswith("fragments/")}
    root = on_disk(tmp_path / "sops", {**base, **fragments, "abroad/sop.yaml": EXTENDED})
    files = read_files(root / "abroad", Library((root, BUILT_IN)))
    assert files == extending
    sop = Catalog(tools, tmp_path).load("abroad")
    assert load_sop(sop.files, tools, folder="abroad").spec == sop.spec
    changed = load_sop({**files, "fragments/papers.md": PACK + "\n"}, tools, folder="abroad")
    settings = Settings(home=tmp_path)
    assert version_of(changed, settings) != version_of(sop, settings)


def test_what_cannot_be_found_is_told_with_the_nearest(tmp_path: Path, shared: Files) -> None:
    on_disk(tmp_path, {"abroad/sop.yaml": EXTENDED, "own/sop.yaml": SOP, "own/policy.md": POLICY})
    with pytest.raises(SopError, match=r"^own/policy\.md:3:7: There is no fragment 'papers'"):
        read_files(tmp_path / "own", Library((tmp_path,)))
    on_disk(tmp_path, {"abroad/sop.yaml": EXTENDED.replace("extends: own", "extends: owm")})
    with pytest.raises(SopError, match=r"^abroad/sop\.yaml:3:1: There is no SOP 'owm'") as caught:
        read_files(tmp_path / "abroad", Library((tmp_path,)))
    assert caught.value.remedy == "Did you mean 'own'?"


def test_sops_may_not_extend_each_other(tmp_path: Path) -> None:
    one = "sop: one\nversion: 1\nextends: other\n"
    on_disk(tmp_path, {"one/sop.yaml": one, "other/sop.yaml": one.replace("other", "one")})
    with pytest.raises(SopError, match=r"^other/sop\.yaml:3:1: .*one → other → one"):
        read_files(tmp_path / "one", Library((tmp_path,)))


def test_a_workspace_extends_the_built_in_sop_of_the_same_name(
    tmp_path: Path, tools: dict[str, Tool]
) -> None:
    name = "late_shipment_appeal"
    text = f"sop: {name}\nversion: 2\nextends: {name}\ngate: {{legal_if: null}}\n"
    on_disk(tmp_path, {f"sops/{name}/sop.yaml": text})
    sop = Catalog(tools, tmp_path).load(name)
    assert sop.legal_if is None
    assert sop.senior_if is not None
    assert f"extends/{name}/sop.yaml" in sop.files


@pytest.mark.parametrize(
    "file", sorted((BUILT_IN / "fragments").glob("*.yaml")), ids=lambda f: f.stem
)
def test_every_built_in_fragment_calls_known_tools(file: Path, tools: dict[str, Tool]) -> None:
    actions = YAML(typ="safe", pure=True).load(file.read_text("utf-8"))["actions"]
    assert actions
    assert {action["tool"] for action in actions.values()} <= tools.keys()


def test_the_example_in_the_docs_loads(tmp_path: Path, tools: dict[str, Tool]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "sops.md").read_text("utf-8")
    (fence,) = (one for one in page.split("```") if "\nextends: late_shipment_appeal\n" in one)
    on_disk(tmp_path, {"sops/late_shipment_appeal_abroad/sop.yaml": fence.removeprefix("yaml\n")})
    catalog = Catalog(tools, tmp_path)
    built_in, abroad = (catalog.load(f"late_shipment_appeal{end}") for end in ("", "_abroad"))
    assert abroad.rows[0].spec.id == "no_label"
    assert abroad.rows[3].spec.route.value == "review"
    assert len(abroad.rows) == len(built_in.rows)
    assert not [one for one in prove(abroad, today=TODAY) if one.severity == "error"]


def test_reading_and_phrases_are_taken_part_by_part(
    extending: Files, tools: dict[str, Tool]
) -> None:
    question = (
        "factors:\n  blames:\n    question: Does it blame the carrier?\n"
        "    read: [appeal.statement]\n    phrases: {yes: [the carrier's fault]}\n"
        "    says: {yes: It does., no: It does not.}\n    informs: reviewer\n"
        "reading: {readers: [rule, model], thresholds: {model: 0.7}}\n"
    )
    below = extending["extends/own/sop.yaml"]
    extending["extends/own/sop.yaml"] = below.replace("decision:\n", f"{question}decision:\n", 1)
    extending["sop.yaml"] += (
        "factors: {blames: {phrases: {no: [our own fault]}}}\nreading: {samples: 3}\n"
    )
    sop = load_sop(extending, tools, folder="abroad")
    assert sop.factors["blames"].spec.phrases == {
        "yes": ("the carrier's fault",),
        "no": ("our own fault",),
    }
    plan = sop.spec.reading
    assert (plan.readers, plan.thresholds, plan.samples) == (("rule", "model"), {"model": 0.7}, 3)
