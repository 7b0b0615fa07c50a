"""What a calibration says of a decision, and when it lets nothing pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.calibration import Calibration, Slice, Standing, SwitchedOff, features_of
from casewright.profile import Profile

NOW = datetime(2026, 6, 10, tzinfo=UTC)


def calibration(*slices: Slice, **changes: Any) -> Calibration:
    plain: dict[str, Any] = {
        "version": "x@1+0",
        "made_at": NOW,
        "expires_at": NOW + timedelta(days=90),
        "author": "qa",
        "target": 0.02,
        "confidence": 0.9,
        "fitted": 100,
        "tested": 200,
        "truths": {"review": 300},
        "intercept": 0.0,
        "terms": {"vote": 4.0, "row overturn/1": 1.0},
        "slices": slices,
    }
    return Calibration(**{**plain, **changes})


def slice_(outcome: str = "overturn", region: str = "", **changes: Any) -> Slice:
    plain = {"reviews": 200, "delta": 0.1, "threshold": 0.9, "accepted": 150}
    return Slice(outcome=outcome, region=region, **{**plain, **changes})


profiles = st.builds(
    Profile,
    outcome=st.sampled_from(["overturn", "uphold"]),
    row=st.integers(0, 9),
    stability=st.none() | st.integers(1, 9),
    by=st.dictionaries(st.text(max_size=3), st.sampled_from(["rule", "model", "human"])),
    sureness=st.dictionaries(st.text(max_size=3), st.floats(0, 1)),
    unknown=st.lists(st.text(max_size=3), max_size=9).map(tuple),
    vote=st.none() | st.floats(0, 1),
    effective=st.floats(0, 50),
    conflicts=st.integers(0, 50),
)


@settings(deadline=None)
@given(profiles)
def test_features_are_shares(profile: Profile) -> None:
    assert all(0 <= value <= 1 for value in features_of(profile).values())
    assert 0 < calibration().confidence_of(profile) < 1


def test_the_confidence_is_the_regression_s() -> None:
    profile = Profile(outcome="overturn", row=1, vote=0.25)
    assert abs(calibration().confidence_of(profile) - 0.880797) < 1e-6


def test_a_region_has_its_own_slice_or_that_of_the_others() -> None:
    found = calibration(slice_(), slice_(region="EU", threshold=None))
    at = NOW + timedelta(days=1)
    assert Standing(calibration=found).objection(Profile(outcome="overturn"), 0.95, at) == ""
    held = Profile(outcome="overturn", region="EU")
    assert "overturn in EU" in Standing(calibration=found).objection(held, 0.95, at)
    other = Profile(outcome="uphold")
    assert "uphold" in Standing(calibration=found).objection(other, 0.99, at)


def test_what_was_switched_off_covers_its_slice_alone() -> None:
    found = calibration(slice_(), slice_("uphold"))
    off = SwitchedOff(
        version="x@1+0", calibration=found.digest, outcome="uphold", at=NOW,
        looked=5, errors=3, evidence=99, why="3 of 5",
    )  # fmt: skip
    standing = Standing(calibration=found, off=(off,))
    assert standing.objection(Profile(outcome="overturn"), 0.95, NOW) == ""
    assert "3 of 5" in standing.objection(Profile(outcome="uphold"), 0.95, NOW)
    everything = Standing(calibration=found, off=(off.model_copy(update={"outcome": ""}),))
    assert "3 of 5" in everything.objection(Profile(outcome="overturn"), 0.95, NOW)


def test_what_was_switched_off_stays_so_however_regions_are_cut_later() -> None:
    before = calibration(slice_(), slice_(region="US"))
    off = SwitchedOff(
        version="x@1+0", calibration=before.digest, outcome="overturn", at=NOW,
        looked=5, errors=3, evidence=99, why="3 of 5",
    )  # fmt: skip
    here = Standing(calibration=before, off=(off,))
    assert here.objection(Profile(outcome="overturn", region="US"), 0.95, NOW) == ""
    after = calibration(slice_(), slice_(region="MX"))
    later = Standing(calibration=after, off=(off,))
    assert "3 of 5" in later.objection(Profile(outcome="overturn", region="MX"), 0.95, NOW)


def test_a_threshold_and_a_day_are_met_exactly() -> None:
    standing = Standing(calibration=calibration(slice_()))
    profile = Profile(outcome="overturn")
    last = NOW + timedelta(days=90, microseconds=-1)
    assert standing.objection(profile, 0.9, last) == ""
    assert "under the threshold" in standing.objection(profile, 0.8999, last)
    assert "under the threshold" in standing.objection(profile, None, last)
    assert "expired" in standing.objection(profile, 0.99, NOW + timedelta(days=90))


def test_the_digest_covers_everything_even_in_a_copy() -> None:
    one = calibration(slice_())
    assert one.digest == calibration(slice_()).digest
    assert one.model_copy(update={"target": 0.05}).digest != one.digest
