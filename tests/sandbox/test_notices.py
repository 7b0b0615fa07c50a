"""Notices, from the writer's columns to what the API answers."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from fastapi.testclient import TestClient

from sandbox.app import create_app
from sandbox.ids import Numbers, render
from sandbox.notices import ANSWER_SPAN, Notices, write_notices
from sandbox.timeline import CLOCK_START, DAY, HOUR, rfc3339
from sandbox.writer import WorldWriter

ISSUED = CLOCK_START - 3 * DAY
ANSWERED = ISSUED + DAY
FIRST = 800_000
"""Above every number that the world itself uses."""


@pytest.fixture(scope="module")
def notices(world, tmp_path_factory):
    """A copy of the world with four notices: answered, with a listing, silent, and withheld."""
    folder = tmp_path_factory.mktemp("notices") / "world"
    shutil.copytree(world.folder, folder)
    with closing(sqlite3.connect(folder / "world.sqlite")) as db:
        _write(WorldWriter(db))
        db.commit()
    with TestClient(create_app(folder, rate_limits=False)) as client:
        client.headers["Authorization"] = f"Bearer {world.summary.tokens['read']}"
        yield client


def _write(writer):
    numbers = Numbers()
    numbers.take("ntc", FIRST)
    moment = np.full(4, ISSUED)
    texts = ["Our courier changed its numbers.", "Nothing was sent.", None, "We shipped all."]
    no = write_notices(
        writer,
        Notices(
            kind="tracking",
            seller=np.arange(4),
            issued_at=moment,
            window_from=moment - 15 * DAY,
            window_to=moment - DAY,
            responded_at=np.full(4, ANSWERED),
            language=["en", "es", "zh", "en"],
            statement=texts,
            listing_no=[None, 3, None, None],
        ),
        numbers,
    )
    assert no.tolist() == [FIRST + 1, FIRST + 2, FIRST + 3, FIRST + 4]
    refs = [render("ntc", FIRST + place) for place in (1, 4)]
    writer.add("withheld", {"ref": refs[1:], "action": ["notice"]})
    writer.add(
        "documents",
        {
            "document_no": [FIRST, FIRST + 1], "ref": refs, "kind": ["photo"] * 2,
            "issuer_name": [""] * 2, "party_name": [""] * 2, "text": [""] * 2,
            "reused_by_sellers": [1] * 2, "sha256": [""] * 2, "recorded_at": [ANSWERED] * 2,
        },
    )  # fmt: skip


def ask(client, place, as_of=CLOCK_START):
    ref = render("ntc", FIRST + place)
    return client.get(f"/v1/notices/{ref}", params={"as_of": rfc3339(as_of)})


def test_a_notice_says_whom_it_concerns_and_which_window(notices):
    body = ask(notices, 1).json()
    assert body["data"] == {
        "notice_id": "ntc_800001",
        "seller_id": "sel_00001",
        "kind": "tracking",
        "issued_at": rfc3339(ISSUED),
        "window_from": rfc3339(ISSUED - 15 * DAY),
        "window_to": rfc3339(ISSUED - DAY),
        "respond_by": rfc3339(ISSUED + ANSWER_SPAN),
        "responded": True,
        "language": "en",
        "statement": "Our courier changed its numbers.",
        "document_ids": ["doc_800000"],
    }
    assert body["meta"]["untrusted"] == ["/statement"]


def test_a_notice_about_one_listing_names_it(notices):
    assert ask(notices, 2).json()["data"]["listing_id"] == "lst_000003"


@pytest.mark.parametrize(
    ("place", "as_of"),
    [(1, ANSWERED - 1), (3, CLOCK_START + 30 * DAY), (4, CLOCK_START)],
    ids=["not yet answered", "never answered", "withheld at first"],
)
def test_without_an_answer_there_is_neither_statement_nor_language(notices, place, as_of):
    body = ask(notices, place, as_of).json()
    assert (body["data"]["responded"], body["data"]["document_ids"]) == (False, [])
    assert not {"statement", "language"} & set(body["data"])
    assert body["meta"]["untrusted"] == []


def test_what_came_with_a_withheld_answer_is_withheld_too(notices):
    counts = {}
    for place in (1, 4):
        ref = render("ntc", FIRST + place)
        answer = notices.get("/v1/documents", params={"ref_id": ref}).json()
        counts[place] = len(answer["data"]["items"])
    assert counts == {1: 1, 4: 0}


@pytest.mark.parametrize("notice_id", ["ntc_899999", "ntc_x", "app_000001"])
def test_an_id_that_names_no_notice_is_unknown(notices, notice_id):
    answer = notices.get(f"/v1/notices/{notice_id}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_notice")


def test_nothing_is_known_before_it_was_issued(notices):
    assert ask(notices, 1, ISSUED - HOUR).status_code == 404
    assert ask(notices, 1, ISSUED).status_code == 200
