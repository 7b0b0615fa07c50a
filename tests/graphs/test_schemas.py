from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from graphs.catalog import BUILT_IN
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


@pytest.mark.parametrize("folder", sorted(BUILT_IN.iterdir()), ids=lambda folder: folder.name)
def test_the_built_in_sops_fit(folder: Path) -> None:
    sop = plain(YAML_12.load((folder / "sop.yaml").read_text("utf-8")))
    jsonschema.validate(sop, schema("sop"))
    front = (folder / "policy.md").read_text("utf-8").split("---\n")[1]
    jsonschema.validate(plain(YAML_12.load(front)), schema("policy"))


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
    (folder,) = (one for one in BUILT_IN.iterdir() if one.name == "late_shipment_appeal")
    sop = YAML_12.load((folder / "sop.yaml").read_text("utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain({**sop, **wrong}), schema("sop"))
