"""What reviewers do all day, in a real browser on the real console, down to the marketplace."""

from __future__ import annotations

import html
import time
from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from casewright.models import Run, RunStatus

PATIENCE_S: Final = 60
"""How long something may take on a machine that is busy with other things."""

FOCUSED: Final = "document.activeElement"

NEXT: Final = f"""() => {{
  const at = {FOCUSED};
  if (!at || at === document.body || at === document.documentElement) return null;
  window.seen = window.seen || [];
  const known = window.seen.indexOf(at);
  if (known < 0) window.seen.push(at);
  const style = getComputedStyle(at);
  const shown = style.outlineStyle !== "none" || style.boxShadow !== "none";
  return {{again: known >= 0, shown: shown, told: at.outerHTML.slice(0, 120)}};
}}"""
"""What has the focus, whether it had it before, and whether that can be seen."""

MISSED: Final = """() => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
  .filter((one) => one.checkVisibility() && !one.disabled && !(window.seen || []).includes(one))
  .map((one) => one.outerHTML.slice(0, 120))"""
"""What can be seen and used, and was not reached."""

Stored = Callable[[Callable[[Any], Any]], Any]


@pytest.fixture
def run_of(stored: Stored) -> Callable[[str], Run]:
    """The newest run of a case as the store has it."""
    return lambda case_id: stored(lambda store: store.latest_run(case_id))


def press(page: Page, key: str, until: str, *, most: int = 60) -> None:
    """Press a key until what has the focus matches a selector."""
    for _ in range(most):
        if page.evaluate(f"{FOCUSED}.matches({until!r})"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not lead to {until} in {most} presses")


def reloaded(page: Page, until: Callable[[], bool]) -> None:
    """Load a page again, as people do who wait for something, until it is there."""
    end = time.monotonic() + PATIENCE_S
    while not until():
        assert time.monotonic() < end, page.locator("#main").inner_text()
        page.reload()


def approve(page: Page, case_id: str) -> None:
    """Approve a case on its page, with the keyboard alone, and come back to the queue."""
    page.keyboard.press("a")
    expect(page.locator("#act-approve input[value=A1]")).to_be_focused()
    page.keyboard.press("Space")
    press(page, "Tab", "#act-approve button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
    told = page.get_by_role("status").filter(has_text=case_id)
    expect(told).to_contain_text("you approved it")


def test_by_keyboard_from_the_link_to_a_decision_that_was_carried_out(
    enter: Any, cases: Any, run_of: Any, served: Any, clock: Any
) -> None:
    case_id = cases.free[0]
    with enter("") as page:
        page.goto(served.link("ana"))
        press(page, "Tab", "main button")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
        expect(page.locator(".who")).to_contain_text("ana")
        page.wait_for_load_state()  # the keys come with the script
        for _ in cases.waiting:  # down to the last one, and up again
            page.keyboard.press("j")
        press(page, "k", f'a[href="/cases/{case_id}"]')
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(case_id)
        page.wait_for_load_state()
        page.keyboard.press("1")
        expect(page.locator("#evidence [data-number]").first).to_be_visible()
        page.keyboard.press("c")
        expect(page.get_by_text("You have it until")).to_be_visible()
        page.wait_for_load_state()
        approve(page, case_id)
        decided = run_of(case_id)
        assert [one.reviewer for one in decided.reviews] == ["ana"]
        assert "done" not in {one.status for one in decided.enforced}
        page.goto(f"/cases/{case_id}")
        unsent = page.get_by_role("heading", name="Not sent yet")
        expect(unsent).to_be_visible()
        clock.put_on(minutes=31)  # and now it is for the console's background worker to send it
        done = page.locator(".decision").filter(has_text=": done")
        reloaded(page, lambda: done.count() == 1)
        expect(page.locator("#main")).to_contain_text("What was carried out")
        expect(unsent).to_have_count(0)
    run = run_of(case_id)
    assert run.status is RunStatus.DONE
    assert run.enforced
    assert {one.status for one in run.enforced} == {"done"}


def test_what_was_not_sent_yet_is_undone_on_the_page(
    enter: Any, cases: Any, run_of: Any, stored: Stored
) -> None:
    case_id = cases.free[3]
    with enter("bo") as page:
        page.goto(f"/cases/{case_id}")
        approve(page, case_id)
        page.get_by_role("link", name=case_id).first.click()
        expect(page.get_by_role("heading", name="Not sent yet")).to_be_visible()
        page.get_by_role("link", name="Undo the decision").first.click()
        page.get_by_label("Why it is undone").fill("I looked at the wrong parcel.")
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(case_id)
        expect(page.locator("#decision")).to_contain_text("Proposal")
        expect(page.get_by_role("heading", name="Not sent yet")).to_have_count(0)
    run = run_of(case_id)
    assert run.status is RunStatus.WAITING
    assert "done" not in {one.status for one in run.enforced}
    assert stored(lambda store: store.outbox.all(case_id)) == ()


def test_a_question_puts_the_case_on_hold(enter: Any, cases: Any, run_of: Any) -> None:
    case_id = cases.free[4]
    with enter("ana") as page:
        page.goto(f"/cases/{case_id}")
        page.keyboard.press("i")
        form = page.locator("#act-ask")
        expect(form.locator("[name=code]").first).to_be_focused()
        page.keyboard.press("Space")
        form.get_by_label("Question, in words for them").fill("When was the parcel handed over?")
        form.get_by_role("button", name="Ask").click()
        expect(page.get_by_role("heading", name="Awaits an answer")).to_be_visible()
        expect(page.locator("#main")).to_contain_text("When was the parcel handed over?")
        expect(page.get_by_label("Who has it")).to_contain_text("On hold until")
        expect(page.locator("#act-ask")).to_have_count(0)
        page.goto("/queue?held=yes")
        expect(page.get_by_role("row").filter(has_text=case_id)).to_contain_text("on hold until")
    run = run_of(case_id)
    assert run.status is RunStatus.WAITING
    assert run.awaiting.question == "When was the parcel handed over?"


def test_the_proposal_is_nowhere_before_the_first_read(enter: Any, cases: Any, run_of: Any) -> None:
    case_id, run = cases.first, run_of(cases.first)
    sentences = [html.escape(one.sentence) for one in run.decision.claims]
    assert sentences
    with enter("max") as page:
        page.goto("/queue")
        row = page.get_by_role("row").filter(has_text=case_id)
        assert run.decision.outcome.replace("_", " ") not in row.inner_text()
        page.goto(f"/cases/{case_id}")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Read first: {case_id}")
        around = ["", "/first-read", "/citations/1", "/ask", "/undo", "/path.svg"]
        places = [f"/cases/{case_id}{one}" for one in (*around, "/dossier.html", "/dossier.json")]
        for place in (*places, f"/audit/{case_id}", f"/runs/{run.run_id}"):
            source = page.request.get(place).text()
            assert [one for one in sentences if one in source] == [], place
            assert "Proposal" not in source, place
        for place in (f"/runs/{run.run_id}", f"/search?q={case_id}"):
            page.goto(place)
            told = page.locator("#main :is(dl, .scroll)").all_inner_texts()
            assert not [one for one in told if run.decision.outcome.replace("_", " ") in one], place
        page.goto(f"/search?q={case_id}&outcome={run.decision.outcome}")
        expect(page.locator("#main")).to_contain_text("Nothing found")
        listed = page.request.get("/api/v1/runs", params={"case_id": case_id}).json()["items"]
        assert [one["outcome"] for one in listed] == [""]
        page.goto(f"/cases/{case_id}")
        page.get_by_role("radio").first.check()
        page.get_by_role("button", name="Say so").click()
        expect(page.locator("#decision")).to_contain_text("Proposal")
        expect(page.locator("#main")).to_contain_text(run.decision.claims[0].sentence)


def test_a_corrected_fact_has_the_procedure_decide_again(
    enter: Any, plain_case: str, run_of: Any
) -> None:
    before = run_of(plain_case).decision
    with enter("ana") as page:
        page.goto(f"/cases/{plain_case}")
        page.keyboard.press("e")
        form = page.locator("#act-edit")
        form.locator('[name="factor.dispatched_in_time"]').select_option("yes")
        form.get_by_label("E4", exact=False).check()
        form.get_by_role("button").click()
        changed = page.locator("#changed")
        expect(changed).to_contain_text("dispatched_in_time")
        expect(changed).to_contain_text("overturn")
        expect(page.locator("#decision")).to_contain_text("overturn")
    after = run_of(plain_case)
    assert (before.outcome, after.decision.outcome) == ("uphold", "overturn")
    assert after.status is RunStatus.WAITING
    assert after.decision.factor("dispatched_in_time").by == "human"


def test_of_two_who_race_for_a_case_one_wins_and_the_other_is_told(
    enter: Any, cases: Any, run_of: Any
) -> None:
    case_id = cases.free[1]
    with enter("ana") as first, enter("bo") as second:
        for page in (first, second):
            page.goto(f"/cases/{case_id}")
        first.get_by_role("button", name="Claim it").click()
        expect(first.get_by_text("You have it until")).to_be_visible()
        second.keyboard.press("a")
        second.locator("#act-approve input[value=A1]").check()
        second.locator("#act-approve textarea").fill("I was second.")
        second.locator("#act-approve button").click()
        alert = second.get_by_role("alert")
        expect(alert).to_contain_text("ana has case")
        approve(first, case_id)
        second.goto(f"/cases/{case_id}")
        expect(second.locator("#main")).to_contain_text("does not wait")
    assert [one.reviewer for one in run_of(case_id).reviews] == ["ana"]


def test_what_a_party_wrote_is_text_and_nothing_else(enter: Any, cases: Any, address: str) -> None:
    happened: list[str] = []
    with enter("max") as page:
        page.on("dialog", lambda dialog: (happened.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: happened.append(request.url))
        page.goto(f"/cases/{cases.hostile}")
        veil = page.get_by_text("Personal data is hidden")
        expect(veil).to_be_visible()
        assert hostile_words(page, cases.hostile), "nothing hostile was shown, so nothing was tried"
        page.goto(f"/cases/{cases.hostile}")
        veil.click()
        page.get_by_role("button", name="Show it").click()
        expect(veil).to_have_count(0)
        assert hostile_words(page, cases.hostile), "nothing hostile was shown, so nothing was tried"
    assert [one for one in happened if not one.startswith(f"{address}/")] == []


def hostile_words(page: Page, case_id: str) -> int:
    """On how many pages of a case the hostile words are shown; on none did they do anything."""
    count = page.locator("ol.citations > li").count()
    places = [f"/cases/{case_id}/citations/{number}" for number in range(1, 1 + count)]
    seen = 0
    for place in (f"/cases/{case_id}", *places):
        page.goto(place)
        seen += "<script>window.ran = 1" in page.locator("#main").inner_text()
        assert page.evaluate("window.ran") is None
        made = "script, img[src*=elsewhere], form[action*=elsewhere], a[href^=javascript]"
        assert page.locator("#main").locator(made).count() == 0
    return seen


@pytest.mark.parametrize("path", ["/", "/queue", "/cases/{case_id}"])
def test_the_focus_comes_to_everything_can_be_seen_and_is_never_trapped(
    path: str, enter: Any, cases: Any
) -> None:
    with enter("max") as page:
        page.goto(path.format(case_id=cases.free[2]))
        for _ in range(600):
            page.keyboard.press("Tab")
            at = page.evaluate(NEXT)
            if at is None or at["again"]:
                break
            assert at["shown"], f"nothing shows the focus on {at['told']}"
        else:
            raise AssertionError("the focus never came round")
        assert page.evaluate(MISSED) == []


def test_the_focus_goes_where_something_was_put_and_comes_back(enter: Any, cases: Any) -> None:
    with enter("max") as page:
        page.goto(f"/cases/{cases.free[2]}")
        page.locator("[data-citation='1']").first.click()
        expect(page.locator("#evidence [data-number]").first).to_be_visible()
        page.wait_for_function(f"document.querySelector('#evidence').contains({FOCUSED})")
        page.keyboard.press("a")
        assert page.evaluate(f"!!{FOCUSED}.closest('#act-approve')")
        page.keyboard.press("Escape")
        assert page.evaluate(f"{FOCUSED}.matches('#act-approve > summary')")
        page.keyboard.press("?")
        assert page.evaluate(f"!!{FOCUSED}.closest('dialog')")
        page.keyboard.press("Escape")
        assert page.evaluate(f"{FOCUSED}.matches('#act-approve > summary')")
