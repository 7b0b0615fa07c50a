"""``kb train`` as its users meet it, up to a case that a classifier read."""

from __future__ import annotations

from typing import Any

Shell = Any  # the class in conftest.py, which importlib mode keeps out of reach

SOP = "refund_abuse"


def test_a_classifier_is_trained_reads_and_is_erased_with_what_it_learned_from(
    shell: Shell,
) -> None:
    assert shell("kb", "ingest").code == 0
    ran = shell("kb", "train", "--sop", SOP, "--least", "0.6", "--json")
    assert ran.code == 0, ran.err
    trained = {one["factor"]: one for one in ran.json}
    learned = trained["fault_shown"]
    assert learned["threshold"] is not None
    assert learned["estimate"]["answered"] > 0

    lines = shell("batch", "run", "--case-type", "aftersales.refund_abuse", "--limit", "8").out
    assert lines, "there are open claims"
    read = [
        factor
        for item in shell("review", "list", "--json").json
        for factor in shell("review", "show", item["case_id"], "--json").json["decision"]["factors"]
        if factor["by"] == "classifier"
    ]
    assert read, "the classifier read one of eight claims"
    assert all(one["citations"][0]["excerpt"] for one in read)
    assert all(
        one["probability"] >= learned["threshold"] for one in read if one["name"] == "fault_shown"
    )

    told = shell("kb", "erase", "--case", "case_000001", "--json").json
    assert told["classifiers"] >= 1


def test_a_name_that_is_none_is_told_with_the_nearest(shell: Shell) -> None:
    ran = shell("kb", "train", "--sop", "refund_abus")
    assert ran.code == 2
    assert SOP in ran.err


def test_a_question_without_enough_cases_says_so(shell: Shell) -> None:
    ran = shell("kb", "train", "--sop", "unsafe_product", "--newest", "10")
    assert ran.code == 0
    assert "closed cases" in " ".join(ran.out.split())
