"""Every page meets WCAG 2.2 AA as far as axe-core can tell, and breaks no content policy.

The pages are those of ``review.web.rights.RIGHTS``: what is added there is visited.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from casewright.team import GRANTED, Permission, Role
from review.web.rights import RIGHTS

RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""Tags of the rules that have to hold."""

OPTIONS: Final = {
    "runOnly": {"type": "tag", "values": [*RULES, "best-practice"]},
    "resultTypes": ["violations"],
}

LOOKS: Final[tuple[dict[str, Any], ...]] = (
    {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    {"color_scheme": "light", "viewport": {"width": 360, "height": 740}},
)

OPENED: Final = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
"""Shows whatever is folded away, so that it is checked as well."""

KNOWN: Final = {"case_id", "number", "run_id"}
"""Parts of a path that can be filled in."""


def _pages() -> list[str]:
    """The paths that answer a browser and name nothing but cases, citations and runs."""
    paths = (path for method, path in RIGHTS if method == "GET" and not path.startswith("/api/"))
    return sorted(path for path in paths if set(re.findall(r"{(\w+)}", path)) <= KNOWN)


@pytest.fixture
def who() -> Callable[[str], str]:
    """A member who may open a page."""

    def who(path: str) -> str:
        needs = RIGHTS["GET", path]
        if not isinstance(needs, Permission):
            return "reviewer"
        return next(role.value for role in Role if needs in GRANTED[role])

    return who


@pytest.fixture
def visit(cases: Any) -> Callable[[Page, str], Iterator[str]]:
    """Opens a page for a waiting and a closed case; a path once for each that is a page."""

    def visit(page: Page, path: str) -> Iterator[str]:
        named = (cases.hostile, cases.done) if "{case_id}" in path or "{run_id}" in path else ("",)
        for case_id in named:
            run_id = cases.runs.get(case_id, "")
            place = path.format(case_id=case_id, number=1, run_id=run_id)
            answer = page.goto(place, wait_until="load")
            assert answer is not None
            assert answer.status < 500, (place, answer.status)
            assert answer.status != 403, place
            if answer.header_value("content-type") and "text/html" in str(
                answer.header_value("content-type")
            ):
                yield place

    return visit


@pytest.mark.parametrize("path", _pages())
def test_a_page_is_accessible_in_light_and_dark_and_narrow(
    path: str, enter: Any, visit: Any, who: Any
) -> None:
    wrong: list[str] = []
    for look in LOOKS:
        with enter(who(path), bypass_csp=True, **look) as page:
            for place in visit(page, path):
                told = f"{place}, {look['color_scheme']}, {look['viewport']['width']} px"
                page.evaluate(OPENED)
                wrong += [f"{told}: {one}" for one in _violations(page, told)]
                width = page.evaluate("document.documentElement.scrollWidth")
                if width > look["viewport"]["width"]:
                    wrong.append(f"{told}: it scrolls sideways, {width} px wide (WCAG 1.4.10)")
    assert not wrong, "\n".join(wrong)


def _violations(page: Page, place: str) -> Iterator[str]:
    found = Axe().run(page, options=OPTIONS).response["violations"]
    for one in found:
        where = "; ".join(f"{node['target'][0]} {node['failureSummary']}" for node in one["nodes"])
        told = f"{one['id']} ({one['impact']}): {one['help']}: {where}"
        if set(one["tags"]) & set(RULES):
            yield told
        else:
            warnings.warn(f"{place}: best practice: {told}", stacklevel=2)


@pytest.mark.parametrize("path", _pages())
def test_a_page_breaks_no_policy_and_asks_nobody_else(
    path: str, enter: Any, visit: Any, who: Any, address: str
) -> None:
    told: list[str] = []
    with enter(who(path)) as page:
        page.on("console", lambda message: told.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: told.append(f"error: {error}"))
        page.on("request", lambda request: told.append(request.url))
        for _ in visit(page, path):
            page.wait_for_load_state("networkidle")
    elsewhere = [one for one in told if one.startswith("http") and not one.startswith(address)]
    policy = [one for one in told if "Content Security Policy" in one or one.startswith("error: ")]
    assert elsewhere == []
    assert [one for one in policy if "favicon" not in one] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_stands_over_a_page_and_what_is_wrong_in_a_form_are_accessible(
    scheme: Any, enter: Any, plain_case: str
) -> None:
    with enter("reviewer", bypass_csp=True, color_scheme=scheme) as page:
        page.goto("/queue")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        assert list(_violations(page, "the keys")) == []
        page.goto(f"/cases/{plain_case}")
        page.keyboard.press("a")
        page.locator("#act-approve button").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.evaluate(OPENED)
        assert list(_violations(page, "a form that was not taken")) == []


@pytest.mark.filterwarnings("ignore:here")
def test_the_check_finds_what_is_wrong(enter: Any) -> None:
    """A page that is wrong is told so: what passes above has been looked at."""
    with enter("reviewer", bypass_csp=True) as page:
        page.goto("/")
        page.evaluate("document.body.innerHTML = '<main><img src=\"x\"><input></main>'")
        told = " ".join(_violations(page, "here"))
    assert "image-alt" in told
    assert "label" in told
