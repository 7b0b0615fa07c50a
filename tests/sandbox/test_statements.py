from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from sandbox.text.injections import injected, make_injection
from sandbox.text.letters import STYLES
from sandbox.text.statements import Facts, write_statement
from sandbox.text.typing_noise import mistype
from sandbox.timeline import DRIFT_ONE, instant
from tests.sandbox.bag_of_words import CEILING, cross_validated, words

SCAN = instant("2026-05-14T10:00:00Z")


def facts(**changes):
    usual = {
        "order": "ord_0001234", "carrier": "kestrel", "language": "en", "mixed": False,
        "style": "plain", "words": 60, "blames": True, "contradicts": False, "close": False,
        "first_scan": SCAN,
    }  # fmt: skip
    return Facts(**(usual | changes))


def write(count=200, **changes):
    rng = np.random.default_rng(5)
    return [write_statement(facts(**changes), rng) for _ in range(count)]


def dates(text):
    """Return the dates a statement names, in the year of the scan."""
    found = [(int(m), int(d)) for m, d in re.findall(r"(\d+)月(\d+)日", text)]
    found += [(int(m), int(d)) for d, m in re.findall(r"(\d+)/(\d+)/2026", text)]
    found += [(int(m), int(d)) for m, d in re.findall(r"2026-(\d\d)-(\d\d)", text)]
    found += [(5, int(d)) for d in re.findall(r"(\d+) May", text)]
    return [datetime(2026, m, d, tzinfo=UTC).date() for m, d in found]


@pytest.mark.parametrize("language", ["en", "es", "zh"])
def test_a_statement_that_contradicts_gives_a_date_the_scans_refute(language):
    scan = datetime.fromtimestamp(SCAN, UTC).date()
    for text in write(language=language, contradicts=True):
        assert dates(text) != []
        assert scan not in dates(text)


@pytest.mark.parametrize("language", ["en", "es", "zh"])
def test_other_statements_give_dates_that_fit_or_none(language):
    scan = datetime.fromtimestamp(SCAN, UTC).date()
    texts = write(language=language)
    assert any(dates(text) == [] for text in texts)
    assert any(dates(text) for text in texts)
    for text in texts:
        assert all(day in (scan, scan - timedelta(days=1)) for day in dates(text))


def test_statements_come_near_their_length():
    short = np.mean([len(text.split()) for text in write(words=30)])
    long = np.mean([len(text.split()) for text in write(words=160)])
    assert 25 <= short <= 60
    assert 140 <= long <= 200


def test_neat_texts_name_no_date():
    assert all(dates(text) == [] for text in write(style="neat"))


@pytest.mark.parametrize("style", STYLES)
def test_no_slot_is_left_open(style):
    for language in ("en", "es", "zh"):
        for text in write(50, language=language, style=style, mixed=True, blames=False):
            assert not re.search(r"[{}]", text)
            assert text == text.strip()


def test_mixed_texts_switch_to_english():
    assert all(re.search(r"[a-z]{3}", text) for text in write(30, language="zh", mixed=True))


def test_typing_slips_spare_ids_names_and_dates():
    rng = np.random.default_rng(1)
    text = "please look at ord_0001234 by Kestrel on 2026-05-14 because warehouse people waited"
    slipped = mistype(text, 1.0, rng)
    assert slipped != text
    for word in ("ord_0001234", "Kestrel", "2026-05-14", "at", "by"):
        assert word in slipped.split()
    assert mistype(text, 0.0, rng) == text


@pytest.mark.parametrize(
    ("fair", "opened", "rate"),
    [(True, DRIFT_ONE - 1, 0.002), (False, DRIFT_ONE - 1, 0.025), (True, DRIFT_ONE, 0.003),
     (False, DRIFT_ONE, 0.07)],
)  # fmt: skip
def test_injections_come_at_their_rates(fair, opened, rate):
    rng = np.random.default_rng(2)
    count = 60_000
    tried = injected(np.full(count, fair), np.full(count, opened), rng)
    assert tried.mean() == pytest.approx(rate, rel=0.25)


def test_injections_are_carried_as_the_handbook_says():
    rng = np.random.default_rng(3)
    made = [make_injection("overturn", "en", rng) for _ in range(6_000)]
    carriers = Counter(each.carrier for each in made)
    shares = {"sentence": 0.45, "block": 0.2, "document": 0.2, "hidden": 0.1, "foreign": 0.05}
    for carrier, share in shares.items():
        assert carriers[carrier] / len(made) == pytest.approx(share, abs=0.03)
    for each in made:
        assert each.carrier == "hidden" or "overturn" in each.text
        assert each.carrier != "hidden" or not each.text.isascii()


def read_world(folder, case_type):
    """Return (words of the statement, right outcome) of every appeal of a type in a world."""
    with sqlite3.connect(folder / "world.sqlite") as db:
        texts = dict(
            db.execute(
                "SELECT printf('case_%06d', case_no), statement FROM cases JOIN appeals "
                "ON json_extract(subject, '$.appeal_id') = printf('app_%06d', appeal_no) "
                "WHERE case_type = ?",
                (case_type,),
            )
        )
    lines = [json.loads(line) for line in (folder / "causes.jsonl").read_text("utf-8").splitlines()]
    mine = [line for line in lines if line["case_id"] in texts]
    return [(words(texts[line["case_id"]]), line["right"]) for line in mine]


@pytest.mark.parametrize("case_type", ["appeal.late_dispatch", "appeal.ip_complaint"])
def test_words_alone_beat_the_commonest_outcome_by_ten_points_at_most(worlds, case_type):
    cases = [case for each in worlds for case in read_world(each.folder, case_type)]
    assert len(cases) > 150
    common = Counter(right for _, right in cases).most_common(1)[0][1] / len(cases)
    assert cross_validated(cases) <= common + CEILING


def test_the_bag_of_words_model_can_learn():
    rng = np.random.default_rng(4)
    noise = [f"w{n}" for n in range(50)]
    cases = [
        ({*rng.choice(noise, 10), "tell" if right == "uphold" else "other"}, right)
        for right in rng.choice(["uphold", "overturn"], 400).tolist()
    ]
    assert cross_validated(cases) > 0.95
