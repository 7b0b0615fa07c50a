import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.errors import UsageError
from casewright.models import GoldCase
from casewright.registry import load_plugins
from evals.gold import load_gold
from graphs.catalog import Catalog
from graphs.schemas import schema
from graphs.sop import Sop
from tools.base import Tool

YAML = """\
# gold cases of one SOP
- case_id: c1
  case_type: appeal.late_dispatch
  outcome: overturn
  ask: [scans]
  as_of: 2026-06-01T00:00:00Z
  seller_id: S-1
  region: US
  channel: appeal

- {case_id: c2, case_type: appeal.late_dispatch, outcome: no, as_of: 2026-06-01T09:30:00+02:00,
   seller_id: S-2, region: MX, channel: batch, language: es}
"""


def _file(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_yaml_and_jsonl_hold_the_same_cases(tmp_path: Path) -> None:
    from_yaml = load_gold(_file(tmp_path, "gold.yaml", YAML))
    lines = "\n\n".join(one.model_dump_json() for one in from_yaml)
    assert load_gold(_file(tmp_path, "gold.jsonl", f"\ufeff{lines}\n")) == from_yaml
    first, second = from_yaml
    assert (first.ask, first.as_of.isoformat()) == (("scans",), "2026-06-01T00:00:00+00:00")
    assert (second.outcome, second.as_of) == ("no", datetime(2026, 6, 1, 7, 30, tzinfo=UTC))


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_any_text_survives_a_line(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    (good,) = load_gold(_file(tmp_path_factory.mktemp("gold"), "one.yml", YAML.split("\n\n")[0]))
    named = good.model_copy(update={"case_id": text})
    path = _file(tmp_path_factory.mktemp("gold"), "g.jsonl", named.model_dump_json())
    assert load_gold(path) == (named,)


GOOD = GoldCase.model_validate(
    {
        "case_id": "c1",
        "case_type": "t",
        "outcome": "o",
        "as_of": "2026-06-01T00:00:00Z",
        "seller_id": "S",
        "region": "US",
        "channel": "batch",
    }
).model_dump_json()

BAD_FILES = {
    "not json": ("g.jsonl", f"{GOOD}\n{{", r"g\.jsonl:2: .*JSON"),
    "missing field": ("g.jsonl", '\n{"case_id": "c1"}', r"g\.jsonl:2: case_type: Field required"),
    "unknown field": ("g.jsonl", GOOD[:-1] + ', "cause": 1}', r"g\.jsonl:1: cause: Extra"),
    "no zone": ("g.jsonl", GOOD.replace("00Z", "00"), r"g\.jsonl:1: as_of: .*timezone"),
    "twice": ("g.jsonl", f"{GOOD}\n\n{GOOD}", r"g\.jsonl:3: 'c1' is already in line 1"),
    "empty": ("g.jsonl", "\n \n", "holds no gold case"),
    "bad yaml": ("g.yaml", "- a: [1\n- b", r"g\.yaml:\d"),
    "yaml mapping": ("g.yaml", "case_id: c1", r"g\.yaml:1: a list"),
    "yaml row": ("g.yaml", f"{YAML}- plain words\n", r"g\.yaml:13: .*GoldCase"),
    "yaml field": ("g.yaml", YAML.replace("region: MX", "region: 5"), r"g\.yaml:11: region: "),
    "yaml twice": ("g.yaml", YAML.replace("case_id: c2", "case_id: c1"), "11: 'c1' .* line 2"),
    "yaml tag": ("g.yaml", "- !!python/object/apply:os.getcwd []", r"g\.yaml:1: "),
    "empty yaml": ("g.yaml", "# none yet\n", "holds no gold case"),
    "another kind": ("g.csv", "case_id\n", r"g\.csv is no gold file.*\.jsonl"),
}


@pytest.mark.parametrize(("name", "text", "message"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_bad_file_is_refused_with_its_place(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        load_gold(_file(tmp_path, name, text))


def test_a_missing_file_and_one_that_is_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_gold(tmp_path / "none.jsonl")
    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not UTF-8"):
        load_gold(tmp_path / "binary.jsonl")


SOP = "late_shipment_appeal"
KNOWN = """\
- case_id: c1
  case_type: appeal.late_dispatch
  outcome: overturn
  accept: [partial]
  key_factors: [scan_stalled]
  actions: [scans]
  as_of: 2026-06-01T00:00:00Z
  seller_id: S-1
  region: US
  channel: appeal
"""
UNKNOWN = {
    "outcome": (
        "outcome: overturn",
        "outcome: overtrun",
        "no outcome of .* 'overtrun'.*'overturn'",
    ),
    "accept": ("[partial]", "[parital]", "no outcome of .* 'parital'.*'partial'"),
    "factor": ("[scan_stalled]", "[scan_stall]", "no factor of .* 'scan_stall'.*'scan_stalled'"),
    "action": ("[scans]", "[scan]", "no action of .* 'scan'.*'scans'"),
}


@pytest.fixture(scope="module")
def sop() -> Sop:
    return Catalog(load_plugins().all("tool", Tool)).load(SOP)


@pytest.mark.parametrize(("old", "new", "message"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_a_name_that_the_procedure_has_not_is_refused_with_its_place_and_the_nearest(
    tmp_path: Path, sop: Sop, old: str, new: str, message: str
) -> None:
    def deciding(case_type: str) -> Sop | None:
        return sop if case_type == sop.spec.case_type else None

    assert load_gold(_file(tmp_path, "good.yaml", KNOWN), deciding=deciding)[0].accept
    bad = _file(tmp_path, "bad.yaml", KNOWN.replace(old, new))
    with pytest.raises(UsageError, match=rf"bad\.yaml:1: There is {message}"):
        load_gold(bad, deciding=deciding)
    assert load_gold(bad, deciding=lambda _: None)  # whose procedure nobody knows


def test_the_schema_covers_a_yaml_list_and_a_line(world: Path) -> None:
    whole: dict[str, Any] = schema("gold")
    line = {"$defs": whole["$defs"], "$ref": "#/$defs/GoldCase"}
    rows = [json.loads(row) for row in (world / "gold.jsonl").read_text("utf-8").splitlines()]
    jsonschema.validate(rows, whole)
    jsonschema.validate(rows[0], line)
    with pytest.raises(jsonschema.ValidationError, match="truth"):
        jsonschema.validate({**rows[0], "truths": "review"}, line)


def test_a_simulated_world_says_each_sellers_tier_and_whence_it_knows(world: Path) -> None:
    found = load_gold(world / "gold.jsonl")
    assert {one.tier for one in found} == {"new", "standard", "top"}
    assert {one.truth for one in found} == {"simulation"}
