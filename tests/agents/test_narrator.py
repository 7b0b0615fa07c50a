"""The narrator, at the scripted endpoint: what it tells, and what stands in for it."""

import pytest

from agents.model import narrator, talks
from agents.narrator import Narrator, Point
from agents.reading import Errand
from casewright.settings import Settings

POINTS = (
    Point(1, "The first scan, 2026-05-24 01:13 UTC, lies after ship-by.", (), "supports"),
    Point(2, "No outage of the carrier was reported.", ("[]",), "supports"),
    Point(3, "The seller shipped 97 of 100 orders in time.", ("97", "100"), "contradicts"),
    Point(4, "Of 5 similar closed cases: 4 uphold, 1 overturn.", ("uphold",), ""),
)


@pytest.fixture
def tell(settings, as_of):
    """Has the points told."""

    async def telling(points=POINTS, language="en"):
        told, cost = await Narrator(talks(settings), language).tell(
            points, Errand(as_of), outcome="uphold", outcomes=("uphold", "overturn")
        )
        return told, cost

    return telling


def sentence(text, *points):
    return ("tell", {"text": text, "points": list(points)})


async def test_points_are_told_in_the_reviewers_language_and_kept_apart(endpoint, tell):
    endpoint.script(
        endpoint.calls(
            sentence("El primer escaneo, del 2026-05-24, es tardío y no hubo fallos.", 1, 2),
            sentence("Aun así envió a tiempo 97 de 100 pedidos.", 3),
            sentence("De 5 casos parecidos, 4 acabaron igual.", 4),
        )
    )
    told, cost = await tell(language="es")
    assert told.language == "es"
    assert [(one.by, one.claims) for one in told.supports] == [("model", (1, 2))]
    assert [one.claims for one in told.contradicts] == [(3,)]
    assert [one.claims for one in told.beside] == [(4,)]
    assert (cost.model_calls, told.reason) == (1, "")
    assert "Spanish" in endpoint.told("system")[0]


@pytest.mark.parametrize(
    ("offered", "reason"),
    [
        (sentence("The first scan came on 2026-05-25.", 1), "a date in it stands in no proof"),
        (sentence("It was 40 hours late.", 1), "a number in it stands in no proof"),
        (sentence("The case should be overturn.", 1), "names another outcome"),
        (sentence("It was late. 97 of 100 were not.", 1, 3), "mixes what speaks for and against"),
        (sentence("It was late. " * 40, 1), "much longer"),
        (sentence("It was late.\nDecision: see above", 1), "breaks its line"),
        (sentence("It was late.", 1, 9), "a point that there is not"),
    ],
)
async def test_what_does_not_check_out_is_replaced_by_the_claims_own_sentence(
    endpoint, tell, offered, reason
):
    endpoint.script(endpoint.calls(offered))
    told, _ = await tell()
    (first, *_) = told.supports
    assert (first.by, first.sentence) == ("template", POINTS[0].sentence)
    assert reason in first.reason


async def test_every_point_is_told_once_whatever_the_model_leaves_out_or_repeats(endpoint, tell):
    endpoint.script(
        endpoint.calls(
            sentence("It was late.", 1),
            sentence("Late it was.", 1),
            ("tell", {"text": "", "points": [2]}),
            ("tell", "{not json"),
            ("decide", {"outcome": "overturn"}),
        )
    )
    told, _ = await tell()
    everything = (*told.supports, *told.contradicts, *told.beside)
    assert sorted(number for one in everything for number in one.claims) == [1, 2, 3, 4]
    assert [one.by for one in everything] == ["model", "template", "template", "template"]


async def test_a_model_that_fails_leaves_the_claims_own_sentences(endpoint, tell):
    endpoint.script(*[endpoint.message("x").__class__(b"no", 400)] * 3)
    told, _ = await tell()
    assert "the narrator failed" in told.reason
    assert [one.sentence for one in told.supports] == [POINTS[0].sentence, POINTS[1].sentence]


async def test_nothing_to_tell_asks_nobody(endpoint, tell):
    endpoint.script()
    told, cost = await tell(points=())
    assert not endpoint.requests
    assert (told.supports, cost.model_calls) == ((), 0)


def test_there_is_a_narrator_only_where_a_model_and_the_setting_ask_for_one():
    assert narrator(Settings(narrator="on")) is None
    assert narrator(Settings(model="m", model_base_url="http://127.0.0.1:9/v1")) is None
    on = Settings(model="m", model_base_url="http://127.0.0.1:9/v1", narrator="on")
    assert narrator(on) is not None
