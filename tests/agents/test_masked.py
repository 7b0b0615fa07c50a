"""Texts that leave to be embedded hold no personal data that they show."""

from pathlib import Path

from agents.masked import masked, masking
from casewright.settings import Settings

TEXT = "Write to ada@example.com about the late parcel."


def test_what_leaves_holds_a_token_in_place_of_a_mailbox() -> None:
    assert masked(TEXT) == "Write to [EMAIL_1] about the late parcel."
    assert masked("The parcel was late.") == "The parcel was late."


def test_only_what_leaves_is_masked_unless_privacy_is_off(tmp_path: Path) -> None:
    inside = Settings(home=tmp_path)
    outside = inside.model_copy(update={"embedding_model": "m"})
    assert masking(inside)(TEXT) == TEXT
    assert masking(outside)(TEXT) == masked(TEXT)
    assert masking(outside.model_copy(update={"model_privacy": "off"}))(TEXT) == TEXT
