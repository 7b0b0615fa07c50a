"""Notes: the same checks as on the command line, and nobody writes for cases they do not see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from casewright.settings import Settings
from casewright.store import Store
from casewright.team import Membership, Role

Serve = Callable[..., Any]
FORM = {"csrf": "imitated-token"}
SAID = {**FORM, "text": "BluePost stood still in the north", "reason": "their circular 12"}
TYPE = "appeal.late_dispatch"


@pytest.fixture
def noting(teamed: Settings) -> Settings:
    own = Membership(roles=(Role.REVIEWER,), regions=("DE",), sops=("late_shipment_appeal",))
    return teamed.model_copy(update={"team": {**teamed.team, "here": own}})


async def held(settings: Settings) -> list[Any]:
    async with Store.open(settings.home) as store:
        return list(await store.notes.all())


async def test_a_note_is_written_shown_and_withdrawn(noting: Settings, serve: Serve) -> None:
    async with serve(noting) as client, client("reviewer") as http:
        given = {**SAID, "case_type": TYPE, "sets": "dispatched_in_time=yes", "region": "DE, FR"}
        answer = await http.post("/notes", data=given)
        assert (answer.status_code, answer.headers["location"]) == (303, "/notes")
        (note,) = await held(noting)
        assert (note.author, note.value, note.scope.regions) == ("reviewer", True, ("DE", "FR"))
        page = (await http.get("/notes")).text
        assert "BluePost stood still" in page
        assert "dispatched_in_time=" in page
        path = f"/notes/{note.note_id}/withdraw"
        assert (await http.post(path, data={**FORM, "reason": " "})).status_code == 422
        await http.post(path, data={**FORM, "reason": "it moves again"})
        assert "stood still" not in (await http.get("/notes")).text
        every = (await http.get("/notes", params={"everything": "true"})).text
        assert "withdrawn by reviewer: it moves again" in every
        assert (await http.post(path, data={**FORM, "reason": "twice"})).status_code == 422


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": " "}, "needs its text"),
        ({"sets": "dispatched_in_time=yes"}, "belongs to a procedure"),
        ({"sets": "no_such=yes", "case_type": TYPE}, "no_such"),
        ({"sets": "dispatched_in_time=maybe", "case_type": TYPE}, "dispatched_in_time"),
        ({"when": "order.nowhere ==", "case_type": TYPE}, "cannot be used"),
        ({"case_type": "no.such"}, "no.such"),
        ({"since": "yesterday"}, "not a moment"),
        ({"expires": "2001-01-01T00:00:00Z"}, "over already"),
    ],
)
async def test_what_cannot_be_used_is_refused(
    noting: Settings, serve: Serve, given: dict[str, str], said: str
) -> None:
    before = len(await held(noting))
    async with serve(noting) as client, client("reviewer") as http:
        answer = await http.post("/notes", data={**SAID, **given})
    assert answer.status_code == 422
    assert said in answer.text
    assert len(await held(noting)) == before


async def test_a_note_stays_within_what_its_author_sees(noting: Settings, serve: Serve) -> None:
    async with serve(noting) as client:
        async with client("here") as http:
            for given in (
                {},
                {"region": "DE"},
                {"region": "DE FR", "case_type": TYPE},
                {"region": "DE", "case_type": "refund.abuse_review"},
            ):
                answer = await http.post("/notes", data={**SAID, **given})
                assert answer.status_code in (403, 422), given
            own = {**SAID, "text": "ours alone", "region": "DE", "case_type": TYPE}
            assert (await http.post("/notes", data=own)).status_code == 303
        async with client("reviewer") as http:
            given = {**SAID, "text": "of the French", "region": "FR", "case_type": TYPE}
            await http.post("/notes", data=given)
        note = next(one for one in await held(noting) if one.text == "of the French")
        async with client("here") as http:
            page = (await http.get("/notes")).text
            assert "ours alone" in page
            assert "of the French" not in page
            path = f"/notes/{note.note_id}/withdraw"
            assert (await http.post(path, data={**FORM, "reason": "x"})).status_code == 403
        for name in ("analyst", "qa", "lead", "admin"):
            async with client(name) as http:
                assert (await http.get("/notes")).status_code == 403
                assert (await http.post("/notes", data=SAID)).status_code == 403
