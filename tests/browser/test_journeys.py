"""What reviewers do all day, in a real browser on the real console, down to the marketplace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from casewright.models import Run, RunStatus

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


def test_a_case_is_decided_and_carried_out_by_keyboard_alone(
    enter: Any, cases: Any, run_of: Any
) -> None:
    case_id = cases.free[0]
    assert run_of(case_id).status is RunStatus.WAITING
    with enter("ana") as page:
        page.goto("/queue")
        for _ in cases.waiting:  # down to the last one, and up again
            page.keyboard.press("j")
        press(page, "k", f'a[href="/cases/{case_id}"]')
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(case_id)
        page.wait_for_load_state()  # the keys come with the script
        page.keyboard.press("1")
        expect(page.locator("#evidence [data-number]").first).to_be_visible()
        page.keyboard.press("c")
        expect(page.get_by_text("You have it until")).to_be_visible()
        page.wait_for_load_state()
        page.keyboard.press("a")
        assert page.evaluate(f"{FOCUSED}.matches('#act-approve input[value=A1]')")
        page.keyboard.press("Space")
        press(page, "Tab", "#act-approve button")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
        expect(page.get_by_role("status").filter(has_text=case_id)).to_contain_text("approved")
    run = run_of(case_id)
    assert run.status is RunStatus.DONE
    assert [one.reviewer for one in run.reviews] == ["ana"]
    assert {one.status for one in run.enforced} == {"done"}
    assert run.enforced


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
        first.keyboard.press("a")
        first.locator("#act-approve input[value=A1]").check()
        first.locator("#act-approve button").click()
        expect(first.get_by_role("heading", level=1)).to_have_text("Queue")
        second.goto(f"/cases/{case_id}")
        expect(second.locator("#main")).to_contain_text("does not wait")
    assert [one.reviewer for one in run_of(case_id).reviews] == ["ana"]


def test_what_a_party_wrote_is_text_and_nothing_else(enter: Any, cases: Any, address: str) -> None:
    happened: list[str] = []
    with enter("max") as page:
        page.on("dialog", lambda dialog: (happened.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: happened.append(request.url))
        page.goto(f"/cases/{cases.hostile}")
        places = [page.url]
        places += [
            f"/cases/{cases.hostile}/citations/{number}"
            for number in range(1, 1 + page.locator("ol.citations > li").count())
        ]
        seen = 0
        for place in places:
            page.goto(place)
            text = page.locator("#main").inner_text()
            seen += "<script>window.ran = 1" in text
            assert page.evaluate("window.ran") is None
            made = "script, img[src*=elsewhere], form[action*=elsewhere], a[href^=javascript]"
            assert page.locator("#main").locator(made).count() == 0
        page.wait_for_load_state("networkidle")
    assert seen, "the hostile words were shown nowhere, so nothing was tried"
    assert [one for one in happened if not one.startswith(address)] == []


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
