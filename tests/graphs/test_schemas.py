from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from graphs.compose import compose_sop
from graphs.library import BUILT_IN, read_files
from graphs.schemas import MODELS, path, schema, text

YAML_12 = YAML(typ="safe", pure=True)


@pytest.mark.parametrize("name", MODELS)
def test_the_kept_schema_is_the_models_schema(name: str) -> None:
    assert path(name).read_text("utf-8") == text(name), "run `python -m graphs.schemas`"


@pytest.mark.parametrize("name", MODELS)
def test_the_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))


def plain(value: object) -> object:
    """YAML as JSON sees it: dates are texts."""
    return json.loads(json.dumps(value, default=str))


SOPS = sorted(file.parent for file in BUILT_IN.glob("*/sop.yaml"))
FRAGMENTS = sorted((BUILT_IN / "fragments").iterdir())


@pytest.mark.parametrize("file", FRAGMENTS, ids=lambda file: file.name)
def test_the_built_in_fragments_fit(file: Path) -> None:
    text = file.read_text("utf-8")
    if file.suffix == ".md":
        jsonschema.validate(plain(YAML_12.load(text.split("---\n")[1])), schema("policy"))
    else:
        jsonschema.validate(plain(YAML_12.load(text)), schema("fragment"))


@pytest.mark.parametrize("folder", SOPS, ids=lambda folder: folder.name)
def test_the_built_in_sops_fit(folder: Path) -> None:
    sop = plain(YAML_12.load((folder / "sop.yaml").read_text("utf-8")))
    jsonschema.validate(sop, schema("sop"))
    front = (folder / "policy.md").read_text("utf-8").split("---\n")[1]
    jsonschema.validate(plain(YAML_12.load(front)), schema("policy"))
    if (folder / "gold.yaml").is_file():
        gold = YAML_12.load((folder / "gold.yaml").read_text("utf-8"))
        jsonschema.validate(plain(gold), schema("gold"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "one"},
        {"outcomes": []},
        {"factors": {"a": {"says": {"yes": "y"}}}},
        {"decision": {"hit_policy": "rule order", "table": []}},
        {"notes": "no such key"},
    ],
)
def test_mistakes_do_not_fit(wrong: dict[str, object]) -> None:
    whole = compose_sop(read_files(BUILT_IN / "late_shipment_appeal")).value
    sop = {key: value for key, value in whole.items() if key != "use"}
    jsonschema.validate(plain(sop), schema("sop"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain({**sop, **wrong}), schema("sop"))


PARTS = {"sop": "small_eu", "version": 1, "extends": "small"}


@pytest.mark.parametrize(
    "given",
    [
        {"factors": {"in_time": {"burden": None}, "altered": None}},
        {"decision": {"rows": {"2": {"route": "senior"}, "3": None}}},
        {"actions": {"docs": {"with": {"ref_id": "appeal.order_id"}}}},
    ],
)
def test_parts_alone_fit_where_a_file_builds_on_another(given: dict[str, object]) -> None:
    jsonschema.validate({**PARTS, **given}, schema("sop"))
    whole = {key: value for key, value in PARTS.items() if key != "extends"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**whole, **given}, schema("sop"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": None},
        {"factors": {"in_time": {"brden": "seller"}}},
        {"decision": {"rows": {"2": {"rote": "senior"}}}},
        {"notes": "no such key"},
    ],
)
def test_mistakes_in_parts_do_not_fit(wrong: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**PARTS, **wrong}, schema("sop"))
