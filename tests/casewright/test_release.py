from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from casewright.release import Release, Stage, standing_of

AT = datetime(2026, 6, 1, tzinfo=UTC)
VERSIONS = ("s@1+a", "s@2+b", "s@3+c")


def entry(kind: str, stage: Stage, version: str, share: float | None = None) -> Release:
    promoted = kind == "promoted"
    return Release(
        sop="s",
        case_type="t",
        version=version,
        kind=kind,  # type: ignore[arg-type]  # one of the two
        stage=stage,
        share=(share or 0.1) if promoted and stage == "canary" else None,
        author="qa",
        at=AT,
        why="so",
        report="a" * 64 if promoted else "",
    )


def test_a_version_goes_from_stage_to_stage_and_back() -> None:
    log = [entry("promoted", "production", "s@1+a"), entry("promoted", "shadow", "s@2+b")]
    assert standing_of(log).told == "production 1+a, shadow 2+b"
    log.append(entry("promoted", "canary", "s@2+b", 0.25))
    assert standing_of(log).told == "production 1+a, canary 2+b (25%)"
    log.append(entry("promoted", "production", "s@2+b"))
    assert standing_of(log).told == "production 2+b"
    assert standing_of(log).before == ("s@1+a",)
    log.append(entry("rolled back", "production", "s@2+b"))
    assert standing_of(log).told == "production 1+a"


def test_promoting_the_same_again_is_no_step_back() -> None:
    log = [entry("promoted", "production", one) for one in ("s@1+a", "s@2+b", "s@2+b")]
    log.append(entry("rolled back", "production", "s@2+b"))
    found = standing_of(log).production
    assert found is not None
    assert found.version == "s@1+a"


def test_two_who_roll_back_at_once_do_it_once() -> None:
    log = [entry("promoted", "production", one) for one in VERSIONS]
    once = standing_of([*log, entry("rolled back", "production", VERSIONS[2])])
    twice = standing_of([*log, *[entry("rolled back", "production", VERSIONS[2])] * 2])
    assert once == twice


@pytest.mark.parametrize(
    "wrong",
    [{"report": ""}, {"share": 0.1}, {"why": ""}, {"author": ""}, {"report": "no digest"}],
)
def test_an_entry_says_who_why_and_by_which_report(wrong: dict[str, object]) -> None:
    right = entry("promoted", "production", "s@1+a").model_dump()
    with pytest.raises(ValidationError):
        Release.model_validate({**right, **wrong})


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("promoted", "rolled back")),
            st.sampled_from(("shadow", "canary", "production")),
            st.sampled_from(VERSIONS),
        ),
        max_size=12,
    )
)
def test_a_version_stands_once_and_was_promoted(
    steps: Sequence[tuple[str, Stage, str]],
) -> None:
    log = [entry(*step) for step in steps]
    found = standing_of(log)
    versions = [one.version for one in found.releases]
    assert len(versions) == len(set(versions))
    for one in found.releases:
        assert one in log
        assert one.kind == "promoted"
        assert found.at(one.stage) == one
