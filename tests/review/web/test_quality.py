"""The pages of review quality: read first, look again, settle, agreement, figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from casewright.clock import utc_now
from casewright.first_read import FirstRead
from casewright.models import Run, RunStatus
from casewright.settings import Settings
from graphs.run import open_investigator

CSRF = "imitated-token"


async def open_case(settings: Settings, case_id: str, **changed: Any) -> Run:
    async with open_investigator(settings) as house:
        run = await house.investigate(case_id)
        if changed:
            run = run.model_copy(update=changed)
            await house.store.save_run(run)
        return run


def post(http: httpx.AsyncClient, path: str, **form: str) -> Any:
    return http.post(path, data={"csrf": CSRF, **form})


async def test_a_case_is_read_before_its_proposal_is_shown(
    teamed: Settings, serve: Callable[..., Any], plain_case: str
) -> None:
    settings = teamed.model_copy(update={"blind_first": 1.0})
    run = await open_case(settings, plain_case)
    assert run.decision is not None
    path = f"/cases/{plain_case}/first-read"
    async with serve(settings) as client, client("reviewer") as http:
        shown = await http.get(path)
        assert shown.status_code == 200
        assert "What would you decide?" in shown.text
        assert all(claim.sentence not in shown.text for claim in run.decision.claims)
        assert (await post(http, path, outcome="nonsense")).status_code == 422
        assert (await post(http, path)).status_code == 422
        taken = await post(http, path, outcome="uphold", note="<script>alert(1)</script>")
        assert (taken.status_code, taken.headers["location"]) == (303, f"/cases/{plain_case}")
        then = await http.get(path)
        assert (then.status_code, then.headers["location"]) == (303, f"/cases/{plain_case}")
        assert (await post(http, path, outcome="uphold")).status_code == 422


async def test_a_second_reader_and_who_settles_it(
    teamed: Settings, serve: Callable[..., Any], plain_case: str
) -> None:
    case = (await open_case(teamed, plain_case)).case.model_copy(
        update={"text": "<script>alert('party')</script>"}
    )
    run = await open_case(teamed, plain_case, status=RunStatus.DONE, second_look=True, case=case)
    assert run.decision is not None
    decided = run.decision.outcome
    other = "overturn" if decided != "overturn" else "uphold"
    path = f"/second-looks/{plain_case}"
    async with serve(teamed) as client:
        async with client("qa") as http:
            assert plain_case in (await http.get("/second-looks")).text
            shown = await http.get(path)
            assert "<script>alert" not in shown.text
            assert "&lt;script&gt;alert" in shown.text
            assert all(claim.sentence not in shown.text for claim in run.decision.claims)
            told = await post(http, path, outcome=other, note="no <b>scan</b>")
            assert f"it was decided {decided}" in told.text
            assert plain_case not in (await http.get("/second-looks")).text
            assert (await http.get("/disputed")).status_code == 403
        async with client("senior") as http:
            assert plain_case in (await http.get("/disputed")).text
            page = (await http.get(f"/disputed/{plain_case}")).text
            assert other in page
            assert "no &lt;b&gt;scan&lt;/b&gt;" in page
            settled = await post(http, f"/disputed/{plain_case}", outcome=decided)
            assert settled.headers["location"] == "/disputed"
            assert "Readers differ about no case." in (await http.get("/disputed")).text
            assert (await http.get(f"/disputed/{plain_case}")).status_code == 422


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("/figures", {"lead"}),
        ("/agreement", {"qa", "lead", "legal", "admin"}),
        ("/second-looks", {"qa"}),
        ("/disputed", {"senior"}),
    ],
)
async def test_who_is_shown_what(
    teamed: Settings, serve: Callable[..., Any], path: str, may: set[str]
) -> None:
    async with serve(teamed) as client:
        for member in teamed.team:
            async with client(member) as http:
                assert (await http.get(path)).status_code == (200 if member in may else 403)


async def test_figures_name_reviewers_and_agreement_counts(
    teamed: Settings, serve: Callable[..., Any], plain_case: str
) -> None:
    run = await open_case(teamed, plain_case)
    said = FirstRead(
        run_id=run.run_id, reviewer="<b>zed", outcome="uphold", proposed="uphold", at=utc_now()
    )
    async with serve(teamed) as client, client("lead") as http:
        async with open_investigator(teamed) as house:
            await house.store.first_reads.put(said)
        figures = (await http.get("/figures")).text
        assert "checks missed" in figures
        assert "1 of 1, 100%" in figures
        assert "&lt;b&gt;zed" in figures
        agreement = (await http.get("/agreement?sop=%3Cscript%3E")).text
        assert "<script>" not in agreement.replace('<script src="/static', "")
