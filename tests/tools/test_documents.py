"""Documents submitted for an appeal, as the sandbox serves them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tools.inbox import open_cases

pytestmark = pytest.mark.vcr


async def test_documents_are_those_the_appeal_names_and_their_text_is_marked(
    recorded, recorded_toolbox
):
    kinds = set()
    async for case in open_cases(recorded, "appeal.late_dispatch", limit=6):
        as_of = case.opened_at + timedelta(days=2)
        appeal = await recorded_toolbox.call("get_appeal", case.subject, as_of=as_of)
        reference = {"ref_id": case.subject["appeal_id"]}
        evidence = await recorded_toolbox.call("list_documents", reference, as_of=as_of)
        items = evidence.data["items"]
        assert {one["document_id"] for one in items} <= set(appeal.data["document_ids"])
        assert evidence.data["n_altered"] <= len(items)
        for at in range(len(items)):
            marks = {f"/items/{at}/{name}" for name in ("text", "issuer_name", "party_name")}
            assert marks <= set(evidence.untrusted)
        kinds |= {one["kind"] for one in items}
    assert kinds


async def test_nothing_was_submitted_for_an_unknown_reference(ask):
    evidence = await ask("list_documents", ref_id="none-such")
    assert not (evidence.data or {}).get("items")
