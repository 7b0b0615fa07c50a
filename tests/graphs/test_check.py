"""Every mistake in an SOP is told with file, line, column and the nearest valid name."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from syrupy.assertion import SnapshotAssertion

from casewright.errors import SopError
from graphs.load import load_sop
from tools.base import Tool


@dataclass(frozen=True)
class Broken:
    """One mistake: ``old`` becomes ``new``; the message points at the line with ``mark``."""

    old: str
    new: str
    mark: str
    told: str
    file: str = "sop.yaml"


# fmt: off
BROKEN = {
    "no yaml": Broken("title: A small", "title: [A small", "case_type", "not valid YAML"),
    "duplicate key": Broken(
        "  order:\n    tool", "  appeal:\n    tool", "  appeal:", "duplicate key"
    ),
    "key that does not exist": Broken("title:", "titel:", "titel:", "there is no such key"),
    "key that is missing": Broken("version: 1\n", "", "sop: small", "version: this key is"),
    "bad name": Broken("sop: small", "sop: Small One", "sop: Small", "should match pattern"),
    "version below one": Broken("version: 1", "version: 0", "version: 0", "greater than"),
    "no outcomes": Broken("[overturn, uphold]", "[]", "outcomes:", "at least one outcome"),
    "unknown hit policy": Broken("hit_policy: first", "hit_policy: any", "hit_policy", "'first'"),
    "unknown route": Broken("route: senior", "route: boss", "route: boss", "'senior'"),
    "unknown burden": Broken("burden: seller", "burden: carrier", "burden:", "'platform'"),
    "unknown tool": Broken("get_order", "get_ordr", "get_ordr", "Did you mean 'get_order'?"),
    "unknown argument": Broken(
        "ref_id: appeal", "ref: appeal", "ref: appeal", "Did you mean 'ref_id'?"
    ),
    "missing argument": Broken(
        "tool: list_scans\n    with:\n      order_id: order.order_id",
        "tool: list_scans\n    with: {}",
        "    with: {}",
        "the tool 'list_scans' needs the argument 'order_id'",
    ),
    "cycle": Broken(
        "case.subject.appeal_id", "docs.n_altered", "  appeal:", "wait for each other: "
    ),
    "wait for itself": Broken(
        "order_id: appeal.order_id", "order_id: order.order_id", "  order:", "order → order"
    ),
    "unknown action": Broken(
        "appeal.attempt == 1", "apeal.attempt == 1", "when:", "Did you mean 'appeal'?"
    ),
    "misspelt field": Broken(
        "scans.first.at <=", "scans.first.att <=", "rule: scans", "Did you mean 'at'?"
    ),
    "misspelt field above": Broken(
        "scans.accepted_count >", "scans.acepted_count >", "rule: scans", "'accepted_count'?"
    ),
    "case's money": Broken(
        "case.impact_cents >", "case.impact.cents >", "senior_if", "Did you mean 'impact_cents'?"
    ),
    "field of the case": Broken(
        'case.channel ==', "case.chanel ==", "legal_if", "Did you mean 'channel'?"
    ),
    "fact date": Broken("order.paid_at", "order.paid_a", "fact_date", "Did you mean 'paid_at'?"),
    "policy in the gate": Broken(
        "case.impact_cents > 500000", "policy.altered_limit > 1", "senior_if", "no action 'policy'"
    ),
    "unknown policy value": Broken(
        "policy.altered_limit\n", "policy.altred_limit\n", "rule: docs", "'altered_limit'?"
    ),
    "policy as a whole": Broken(
        "policy.altered_limit\n", "size(policy)\n", "rule: docs", "no policy value ''"
    ),
    "unknown factor to ask for": Broken(
        "ask: in_time", "ask: intime", "ask: intime", "Did you mean 'in_time'?"
    ),
    "factor without wording to ask for": Broken(
        "ask: in_time", "ask: altered", "ask: altered", "no factor with a question to ask"
    ),
    "bad CEL": Broken(
        "appeal.attempt == 1", "appeal.attempt = 1", "when:", "wrong at its character 16"
    ),
    "bad CEL on its own line": Broken(
        "rule: docs.n_altered > policy", "rule: docs.n_altered >> policy", "rule: docs", "character"
    ),
    "what CEL refuses": Broken(
        "appeal.attempt == 1", "has(appeal)", "when:", "CEL says: invalid argument to has()"
    ),
    "bad CEL in a row": Broken('"!in_time"', '"in_time &&"', '"in_time &&"', "`in_time &&`"),
    "rule and question": Broken(
        "question: Does", "rule: true\n    question: Does", "  blames_carrier:", "either a rule, a"
    ),
    "neither rule nor question": Broken(
        "    rule: docs.n_altered > policy.altered_limit\n", "", "  altered:", "either a rule, a"
    ),
    "question without read": Broken(
        "    read: [appeal.statement]\n", "", "  blames_carrier:", "says which fields to read"
    ),
    "unknown field to read": Broken(
        "[appeal.statement]", "[appeal.attempt, appeal.statment]", "read:", "'statement'?"
    ),
    "burden without ask": Broken(
        "answer_days: 0", "answer_days: 3", "  altered:", "a burden says what to ask"
    ),
    "sentence without a no": Broken(
        "      no: The seller does not blame the carrier.\n", "", "says:", "no: this key"
    ),
    "party's text in a sentence": Broken(
        "yes: The seller blames the carrier.", 'yes: "{appeal.statement}"', "yes:", "by a party"
    ),
    "party's text below": Broken(
        "The seller does not blame the carrier.", "So says {docs.items}.", "no: So", "by a party"
    ),
    "party's text in a whole record": Broken(
        "The seller does not blame the carrier.", "So says {order}.", "no: So", "by a party"
    ),
    "the case's text in a sentence": Broken(
        "The seller does not blame the carrier.", "So says {case.text}.", "no: So", "by a party"
    ),
    "unknown field in a sentence": Broken(
        "- \"There is no scan by ship-by, {order.ship_by}.\"",
        '- "There is no scan by ship-by, {order.shipby}."',
        "      no:",
        "Did you mean 'ship_by'?",
    ),
    "unknown action in a sentence": Broken(
        "The seller does not blame the carrier.", "It is {a}.", "no: It", "There is no action 'a'"
    ),
    "open brace in a sentence": Broken(
        "The seller does not blame the carrier.", "It is {order.", "no: It", "braces do not match"
    ),
    "unknown factor in a score": Broken(
        "points: {altered: 2,", "points: {altred: 2,", "points: {altred", "'altered'?"
    ),
    "unknown factor in a row": Broken(
        "    - if: in_time", "    - if: intime", "if: intime", "Did you mean 'in_time'?"
    ),
    "field of a factor": Broken(
        "    - if: in_time", "    - if: in_time.value", "if: in_time.value", "asks for more"
    ),
    "an action in a row": Broken(
        "    - if: in_time", "    - if: scans.delivered", "if: scans", "no factor 'scans'"
    ),
    "unknown score": Broken("scores.abuse.met", "scores.abus.met", "scores.abus", "'abuse'?"),
    "score without met": Broken(
        "scores.abuse.met", "scores.abuse", "if: scores.abuse", "asked as scores.abuse.met"
    ),
    "scores alone": Broken(
        "if: scores.abuse.met", "if: scores", "if: scores", "There is no score ''"
    ),
    "condition that is false": Broken("    - if: in_time", "    - if: false", "- if: false", "str"),
    "unknown outcome": Broken(
        "then: overturn", "then: overtun", "then: overtun", "Did you mean 'overturn'?"
    ),
    "unknown clause": Broken("[APL-2.1]", "[APL-2.2]", "[APL-2.2]", "Did you mean 'APL-2.1'?"),
    "action called case": Broken("  docs:\n", "  case:\n", "  case:", "meaning of its own"),
    "factor called scores": Broken(
        "  altered:\n", "  scores:\n", "  scores:", "meaning of its own"
    ),
    "policy without front matter": Broken("---\npolicy", "policy", "policy:", "front", "policy.md"),
    "clause of a value": Broken(
        "clause: GEN-1.1", "clause: GEN-1.2", "clause: GEN", "'GEN-1.2'", "policy.md"
    ),
    "heading": Broken("APL-2.1 · from", "APL-2.1, from", "## APL-2.1,", "heading", "policy.md"),
}
# fmt: on


@pytest.fixture(scope="module")
def complaints(files: dict[str, str], tools: dict[str, Tool]) -> dict[str, SopError]:
    return {name: complaint(broken, files, tools) for name, broken in BROKEN.items()}


def complaint(broken: Broken, files: dict[str, str], tools: dict[str, Tool]) -> SopError:
    assert files[broken.file].count(broken.old) == 1, "the mistake cannot be made as written"
    changed = {**files, broken.file: files[broken.file].replace(broken.old, broken.new)}
    with pytest.raises(SopError) as caught:
        load_sop(changed, tools, folder="small")
    return caught.value


@pytest.mark.parametrize("name", BROKEN)
def test_a_mistake_is_told_where_it_stands(
    name: str, files: dict[str, str], complaints: dict[str, SopError]
) -> None:
    broken, error = BROKEN[name], complaints[name]
    lines = files[broken.file].replace(broken.old, broken.new).splitlines()
    assert broken.mark in lines[error.line - 1]
    assert error.column >= (broken.file == "sop.yaml")
    place = f"small/{broken.file}:{error.line}:"
    assert str(error).startswith(place)
    assert broken.told in str(error)


def test_all_messages_read_well(
    complaints: dict[str, SopError], snapshot: SnapshotAssertion
) -> None:
    assert "\n".join(f"{name}\n    {error}" for name, error in complaints.items()) == snapshot


def test_names_are_told_by_the_names_of_the_json(
    files: dict[str, str], tools: dict[str, Tool]
) -> None:
    """`from` is a word of Python, so the model calls the argument otherwise."""
    text = files["sop.yaml"].replace(
        "  docs:\n    tool: list_documents\n    with:\n      ref_id: appeal.appeal_id",
        "  docs:\n    tool: list_documents\n    with:\n      ref_id: appeal.appeal_id\n"
        "  alerts:\n    tool: list_carrier_alerts\n    with:\n      carrier: order.carrier\n"
        "      region: case.region\n      from: order.paid_at",
    )
    sop = load_sop({**files, "sop.yaml": text}, tools, folder="small")
    assert sop.actions["alerts"].arguments.keys() == {"carrier", "region", "from"}
    wrong = text.replace("      from: order", "      form: order")
    with pytest.raises(SopError, match=r"Did you mean 'from'\?"):
        load_sop({**files, "sop.yaml": wrong}, tools)
