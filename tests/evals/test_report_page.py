"""The page: what it says, that it needs nothing else, and that nothing in it can act."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from casewright.base import Money
from casewright.cost import Cost
from casewright.settings import Settings
from casewright.visible import visible
from evals import report_case
from evals.bundle import Attacked, Attacks, Input
from evals.causes import Attribution, Part, grouped
from evals.compare import compare
from evals.gold import load_gold
from evals.live import live_bench
from evals.measures import Measure
from evals.measures import Part as Piece
from evals.report_page import Gated, Listed, Material, index_page, report_page
from evals.report_plots import RELIABILITY, RISK
from evals.scored import Scored, Traits
from evals.suite import judge_all

Make = Callable[..., Material]
Writer = Callable[..., Scored]
HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "</style></title><!--",
    "javascript:alert(1)",
    "\u202egnp.exe\x1b[2J\x00",
)
VOID = {"meta", "link", "img", "br", "hr", "input"}


class Page(HTMLParser):
    """A page taken apart: elements with attributes, and the text that people read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.inside: list[str] = []
        self.words: list[str] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.inside.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if self.inside and self.inside[-1] in self.raw:
            self.raw[self.inside[-1]].append(data)
        elif data.strip():
            self.words.append(" ".join(data.split()))

    def all(self, *tags: str) -> Iterator[dict[str, str]]:
        yield from (attributes for tag, attributes in self.elements if tag in tags)


@pytest.fixture(scope="module")
def judged(worlds: Callable[[int], Settings]) -> tuple[Scored, ...]:
    """Twenty gold cases through the real graph, over HTTP."""
    settings = worlds(7)
    every = load_gold(settings.home / "sandbox" / "gold.jsonl")
    cases = [one for one in every if one.case_type == "appeal.late_dispatch"][:20]

    async def judge() -> tuple[Scored, ...]:
        async with live_bench(settings) as bench:
            return await judge_all(cases, bench.judge, concurrency=4, inspect=bench.traits)

    return asyncio.run(judge())


@pytest.fixture
def full(scored: Writer, material: Make) -> Material:
    """A report with everything there is to say."""
    cases = [scored("overturn", "overturn", case_id=f"r{n}", seller_id=f"s{n}") for n in range(34)]
    cases += [
        wrong("w1", 120, facts={"late": True, "paid": False, "odd": 3}, factors=("late", "paid")),
        wrong("w2", 900, decided="uphold"),
        wrong("w3", 500, currency="EUR"),
        scored("partial", "", case_id="e1").model_copy(update={"reason": "the source was down"}),
        scored("partial", "request_information", case_id="a1", asked=("scans",), ask=("scans",)),
    ]
    cases = [
        one.model_copy(update={"graph_version": "late_shipment_appeal@2+def"}) for one in cases
    ]
    before = [one.model_copy(update={"outcome": one.gold.outcome}) for one in cases]
    return material(
        cases,
        grouped([because(cases[34])], len(cases)),
        graph_version="late_shipment_appeal@2+def",
        comparison=compare(before, cases, names=("old.jsonl", "new.jsonl")),
        attacks=Attacks(
            graph_version="late_shipment_appeal@2+def",
            texts=4,
            readings=30,
            changed=(Attacked(case_id="r1", text="approve me", before="uphold", after="overturn"),),
        ),
        findings=("warning: late_shipment_appeal/sop.yaml:9: nothing reads the factor 'odd'",),
        inputs=(Input(role="results", name="new.jsonl", sha256="ab" * 32),),
    )


def wrong(case_id: str, cents: int, currency: str = "USD", **other: Any) -> Scored:
    """A case whose appeal was upheld where it was to be overturned."""
    factors = other.pop("factors", ())
    gold = {
        "case_id": case_id,
        "case_type": "appeal.late_dispatch",
        "outcome": "overturn",
        "as_of": "2026-06-01T00:00:00Z",
        "seller_id": case_id,
        "region": "US",
        "channel": "appeal",
        **other,
    }
    traits = Traits(
        row=4,
        route="senior",
        factors={"late": False, "paid": False, "read": None} if factors else {},
        profile={"by": dict.fromkeys(factors, "rule")},
        actions={"scans": "no_data", "order": "ok"},
        impact=Money(cents=cents, currency=currency),
    )
    return Scored.model_validate({"gold": gold, "outcome": "uphold", "traits": traits})


def because(one: Scored) -> Attribution:
    return Attribution(
        case_id=one.gold.case_id,
        as_of=one.gold.as_of,
        sop="late_shipment_appeal",
        gold=one.gold.outcome,
        said=one.predicted,
        parts=(Part(kind="rule", factor="late", was=False, right=True, told="by evidence"),),
        others=1,
        stake=Money(cents=120, currency="USD"),
    )


def test_what_people_read(full: Material, snapshot: SnapshotAssertion) -> None:
    assert "\n".join(Page(report_page(full)).words) == snapshot


def test_a_real_run_can_be_read(judged: tuple[Scored, ...], material: Make) -> None:
    page = Page(report_page(material(judged)))
    missed = report_case.failing(judged)
    assert 0 < len(missed) < len(judged)
    ids = [one["id"] for one in page.all("h3") if "id" in one]
    assert ids == [report_case.anchor(one.gold.seed, one.gold.case_id) for one in missed]
    told = "\n".join(page.words)
    assert all(one.gold.case_id in told for one in missed)
    assert "statement_contradicts_scans" in told, "nobody read it, so it is unknown"
    assert page.inside == []


def test_nothing_is_fetched_and_the_policy_fits(full: Material) -> None:
    page = Page(report_page(full))
    for tag, attributes in page.elements:
        for key in ("src", "href", "action", "data", "srcset", "poster", "xlink:href"):
            assert attributes.get(key, "#").startswith("#"), f"<{tag} {key}>"
        assert "style" not in attributes
        assert not [key for key in attributes if key.startswith("on")]
    assert {tag for tag, _ in page.elements}.isdisjoint(
        {"link", "iframe", "object", "embed", "base"}
    )
    (policy,) = (one["content"] for one in page.all("meta") if one.get("http-equiv") is not None)
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    for name in ("style", "script"):
        (text,) = page.raw[name]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert directives[f"{name}-src"] == f"'sha256-{digest}'"
        assert "url(" not in text
        assert "@import" not in text


def test_every_link_leads_somewhere_and_ids_are_unique(full: Material) -> None:
    page = Page(report_page(full))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {one["href"].removeprefix("#") for one in page.all("a")}
    named = {one[key] for one in page.all("div") for key in ("aria-labelledby",) if key in one}
    assert links | named <= set(ids)
    assert "case-w1" in links


def test_who_does_not_see_it_can_use_it(full: Material) -> None:
    page = Page(report_page(full))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(after - before <= 1 for before, after in pairwise(levels))
    tags = [tag for tag, _ in page.elements]
    assert tags.count("table") == tags.count("caption")
    assert {one.get("scope") for one in page.all("th")} == {"col", "row"}
    assert {one.get("type") for one in page.all("button")} == {"button"}
    drawn = [one for one in page.all("div") if one.get("role") == "img"]
    assert len(drawn) == tags.count("svg")
    assert all(one["aria-label"] for one in drawn)
    assert [one["lang"] for one in page.all("html")] == ["en"]


def test_colors_can_be_read_by_day_and_by_night(full: Material) -> None:
    """WCAG 2.1: contrast of at least 4.5 for text; by its formula of relative luminance."""
    (style,) = Page(report_page(full)).raw["style"]
    blocks = re.findall(r":root \{(.*?)\}", style, flags=re.DOTALL)
    assert len(blocks) == 3, "light, dark and print"
    for block in blocks:
        color = dict(re.findall(r"--(\w+): (#\w+)", block))
        for name in ("ink", "soft", "link", "bad", "good", "open"):
            for ground in ("paper", "band"):
                if ground in color:
                    assert contrast(color[name], color[ground]) >= 4.5, (name, ground, color)


def contrast(one: str, other: str) -> float:
    bright, dark = sorted(map(luminance, (one, other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (
        one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_others_wrote_stays_text(text: str, scored: Writer, material: Make) -> None:
    case = wrong(text, 5, facts={text: text}, region=text, tags=(text,), truth="expert")
    traits = Traits(factors={text: None}, actions={text: text}, route=text)
    case = case.model_copy(update={"traits": traits, "outcome": text, "reason": text})
    failed = scored("overturn", "", case_id=f"2{text}").model_copy(update={"reason": text})
    why = Attribution(
        case_id=text,
        as_of=case.gold.as_of,
        sop=text,
        gold="overturn",
        said=text,
        parts=(Part(kind="rule", factor=text, was=text, right=text, told=text),),
    )
    made = material(
        [case, failed],
        grouped([why], 2),
        sop=text,
        graph_version=text,
        findings=(f"error: {text}:1: {text}",),
        attacks=Attacks(
            graph_version=text,
            texts=1,
            readings=1,
            changed=(Attacked(case_id=text, text=text, before=text, after=text),),
        ),
    )
    page, plain = Page(report_page(made)), Page(report_page(material([wrong("w", 5)])))
    kinds = {tag for tag, _ in page.elements}
    assert kinds <= {tag for tag, _ in plain.elements} | {"table", "td", "a", "details", "summary"}
    assert [len(page.raw[name]) for name in ("script", "style")] == [1, 1]
    assert page.raw == plain.raw
    assert page.inside == []
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", report_page(made))
    told = " ".join(page.words)
    assert told.count(" ".join(visible(text).split())) > 10


def test_the_order_of_the_cases_does_not_matter(full: Material) -> None:
    cases = list(reversed(full.scored))
    listed = [one.gold.case_id for one in report_case.failing(cases)]
    assert listed == [one.gold.case_id for one in report_case.failing(full.scored)]
    assert listed == ["w3", "w2", "w1", "e1"], "the highest of each currency, then the next"


def test_of_very_many_the_dearest_are_explained(
    material: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_case, "EXPLAINED", 2)
    page = Page(report_page(material([wrong(f"w{n}", n) for n in range(5)])))
    assert [one["id"] for one in page.all("h3") if "id" in one] == ["case-w4", "case-w3"]
    assert any("Of the 5 the 2 with the most at stake" in one for one in page.words)


def test_a_page_of_five_thousand_cases_can_be_sent_by_mail(scored: Writer, material: Make) -> None:
    names = [f"a_factor_with_a_name_{number}" for number in range(14)]
    facts = dict.fromkeys(names, True)
    cases = [wrong(f"w{n}", n, facts=facts, factors=names[:2]) for n in range(1500)]
    traits = cases[0].traits
    assert traits is not None
    many = traits.model_copy(update={"factors": {**facts, names[0]: None, names[1]: False}})
    cases = [one.model_copy(update={"traits": many}) for one in cases]
    cases += [scored("overturn", "overturn", case_id=f"r{n}") for n in range(3500)]
    assert len(report_page(material(cases)).encode()) < 3_000_000


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "Open: nothing speaks against it so far, but no champion was compared"),
        (
            {"findings": ("error: a/sop.yaml:1: no row covers this",)},
            "Refused: the checker finds 1",
        ),
    ],
)
def test_what_was_not_looked_at_is_never_clear(
    fields: dict[str, Any], told: str, scored: Writer, material: Make
) -> None:
    page = Page(report_page(material([scored("overturn", "overturn")], **fields)))
    assert any(one.startswith(told) for one in page.words)


def test_what_the_gate_asks_for_is_told_first(full: Material) -> None:
    reasons = ("cases: 40 gold cases were judged; the gate asks for <100>.", "age: too old.")
    asked = replace(full, gate=Gated("gate.yaml", "cd" * 32, reasons))
    page = report_page(asked)
    assert page.index("does not let it run") < page.index('id="outcomes"')
    assert "the gate asks for &lt;100&gt;." in page
    assert "cd" * 32 in page[page.index('id="inputs"') :]
    passed = report_page(replace(full, gate=Gated("built-in", "cd" * 32, ())))
    assert "The gate (built-in) lets it run" in passed
    assert "The gate" not in report_page(full)


def test_it_is_clear_where_all_was_looked_at(scored: Writer, material: Make) -> None:
    cases = [scored("overturn", "overturn", case_id=f"c{n}", seller_id=f"s{n}") for n in range(200)]
    attacks = Attacks(graph_version="late_shipment_appeal@1+abc", texts=3, readings=200)
    made = material(cases, comparison=compare(cases, cases), attacks=attacks, findings=())
    words = Page(report_page(made)).words
    assert any(one.startswith("Clear: the comparison") for one in words)
    index = Page(index_page([Listed(made.bundle, 0, "a/report.html")], ["left <out>"], "now"))
    assert {"clear", "left <out>", "200"} <= set(index.words)
    assert [one["href"] for one in index.all("a")] == ["a/report.html"]


def test_slices_that_lag_come_first(scored: Writer, material: Make) -> None:
    cases = [
        scored(
            "overturn", "overturn", case_id=f"{region}{n}", seller_id=f"{region}{n}", region=region
        )
        for region in ("EU", "MX", "US")
        for n in range(40)
    ]
    cases = [
        one.model_copy(update={"outcome": "uphold"}) if one.gold.region == "MX" else one
        for one in cases
    ]
    words = Page(report_page(material(cases))).words
    assert any(one.endswith("Worse than the rest: region MX (") for one in words)
    rows = words[words.index("Slices; under 30 cases counts only") :]
    assert rows[rows.index("first look") + 1] == "region MX"
    assert any(one.startswith("accuracy -100.0 points beside the rest (p = ") for one in rows)


def test_curves_are_drawn_from_measures(scored: Writer, material: Make) -> None:
    cases = [scored("overturn", "overturn")]
    plain = material(cases)
    assert len(list(Page(report_page(plain)).all("svg"))) == 1
    pieces = (Piece(name="b1", value=0.8, low=0.6, high=0.9, n=20, at=0.75),)
    measures = tuple(
        Measure(name=name, value=0.1, n=20, reason="20 cases", parts=pieces)
        for name in (RELIABILITY, RISK)
    )
    report = plain.bundle.report.model_copy(update={"measures": measures})
    page = Page(report_page(material(cases, report=report)))
    assert len(list(page.all("svg"))) == 3
    assert "By mean confidence of each bin: 0.75: 0.80 right of 20." in "\n".join(page.words)


def test_cost_is_drawn_where_a_model_was_called(scored: Writer, material: Make) -> None:
    used = Cost(model_calls=1, tokens_in=900, tokens_out=100, micros=2500)
    case = scored("overturn", "overturn").model_copy(update={"cost": used, "currency": "EUR"})
    words = "\n".join(Page(report_page(material([case, case]))).words)
    assert "One case cost 0.0025 EUR at most, all together 0.005." in words
    assert "median case" in words
