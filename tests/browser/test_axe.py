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

from casewright.team import Permission
from review.web.rights import RIGHTS, Door

RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""Tags of the rules that have to hold."""

OPTIONS: Final[dict[str, Any]] = {
    "runOnly": {"type": "tag", "values": [*RULES, "best-practice"]},
    "resultTypes": ["violations"],
}

CONTRAST: Final[dict[str, Any]] = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
"""All that another colour scheme can change."""

LOOKS: Final = (("light", 1280, OPTIONS), ("dark", 1280, CONTRAST), ("light", 360, OPTIONS))
"""Colour schemes, and widths in CSS pixels, with what is checked; 360 is the narrowest phone."""

OPENED: Final = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
"""Shows whatever is folded away, so that it is checked as well."""

KNOWN: Final = {"case_id", "number", "run_id"}
"""Parts of a path that can be filled in."""

SHUT: Final = ("/sign-in/oidc", "/sign-in/oidc/done")
"""Here the door says no: no sign-in service is set up. The page that tells so is checked."""


def _pages() -> list[str]:
    """The paths that answer a browser and name nothing but cases, citations and runs."""
    paths = (path for method, path in RIGHTS if method == "GET" and not path.startswith("/api/"))
    return sorted(path for path in paths if set(re.findall(r"{(\w+)}", path)) <= KNOWN)


@pytest.fixture
def who(able: Callable[[Permission], str]) -> Callable[[str], str]:
    """Who opens a page: nobody yet where anybody may, max where it takes having decided."""

    def who(path: str) -> str:
        needs = RIGHTS["GET", path]
        if path.endswith("/undo"):
            return "max"
        if isinstance(needs, Permission):
            return able(needs)
        return "" if needs is Door.PUBLIC else "ira"

    return who


@pytest.fixture
def places(cases: Any) -> Callable[[str], list[str]]:
    """Where a path leads for the cases that have such a page."""
    own = {
        "/second-looks/{case_id}": (cases.drawn,),
        "/disputed/{case_id}": (cases.disputed,),
        "/cases/{case_id}/first-read": (cases.first,),
        "/cases/{case_id}/dossier.html": (cases.done,),
    }

    def places(path: str) -> list[str]:
        if "{" not in path:
            return [path]
        named = own.get(path, (cases.hostile, cases.done))
        return [path.format(case_id=one, number=1, run_id=cases.runs[one].run_id) for one in named]

    return places


def _open(page: Page, path: str, place: str) -> bool:
    """Open a page; whether it is one. What is to be saved as a file is shown all the same."""
    answer = page.request.get(place)
    assert answer.status < 500, (place, answer.status)
    assert answer.status != 403 or path in SHUT, place
    if "text/html" not in answer.headers.get("content-type", ""):
        return False
    if "attachment" in answer.headers.get("content-disposition", ""):
        page.set_content(answer.text())
    else:
        page.goto(place, wait_until="load")
    return True


@pytest.mark.parametrize("path", _pages())
def test_a_page_is_accessible_in_light_and_dark_and_narrow(
    path: str, enter: Any, places: Any, who: Any
) -> None:
    wrong: list[str] = []
    with enter(who(path), bypass_csp=True) as page:
        for place in places(path):
            if not _open(page, path, place):
                continue
            page.evaluate(OPENED)
            for scheme, width, options in LOOKS:
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": 900})
                told = f"{place}, {scheme}, {width} px"
                wrong += [f"{told}: {one}" for one in _violations(page, told, options)]
                needs = page.evaluate("document.documentElement.scrollWidth")
                if needs > width:
                    wrong.append(f"{told}: it scrolls sideways, {needs} px wide (WCAG 1.4.10)")
    assert not wrong, "\n".join(wrong)


def _violations(page: Page, place: str, options: dict[str, Any] = OPTIONS) -> Iterator[str]:
    found = Axe().run(page, options=options).response["violations"]
    for one in found:
        where = "; ".join(f"{node['target'][0]} {node['failureSummary']}" for node in one["nodes"])
        told = f"{one['id']} ({one['impact']}): {one['help']}: {where}"
        if set(one["tags"]) & set(RULES):
            yield told
        else:
            warnings.warn(f"{place}: best practice: {told}", stacklevel=2)


@pytest.mark.parametrize("path", _pages())
def test_a_page_breaks_no_policy_and_asks_nobody_else(
    path: str, enter: Any, places: Any, who: Any, address: str
) -> None:
    told: list[str] = []
    asked: list[str] = []
    with enter(who(path)) as page:
        page.on("console", lambda message: told.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: told.append(f"error: {error}"))
        page.on("request", lambda request: asked.append(request.url))
        for place in places(path):
            if _open(page, path, place):
                page.evaluate(OPENED)
    assert [one for one in asked if not one.startswith((f"{address}/", "data:"))] == []
    # Chromium tells of every answer that is an error: the page itself may well be one.
    assert [one for one in told if "the server responded with a status of 4" not in one] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_stands_over_a_page_and_what_is_wrong_in_a_form_are_accessible(
    scheme: Any, enter: Any, plain_case: str
) -> None:
    with enter("ana", bypass_csp=True, color_scheme=scheme) as page:
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
    with enter("ana", bypass_csp=True) as page:
        page.goto("/")
        page.evaluate("document.body.innerHTML = '<main><img src=\"x\"><input></main>'")
        told = " ".join(_violations(page, "here"))
    assert "image-alt" in told
    assert "label" in told
