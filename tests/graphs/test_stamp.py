"""A stamp stands for as long as nothing was changed, and never where that cannot be told."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from graphs.stamp import FRESH_NS, Stamp, began

LATER = 2 * FRESH_NS
"""Nanoseconds after which what was written just now has been as it is for long."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sop.yaml"
    path.write_text("version: 1")
    return path


def settled(*paths: Path) -> Stamp:
    return Stamp.of(paths, began() + LATER)


def test_a_stamp_stands_while_nothing_changes(file: Path) -> None:
    assert settled(file, file.parent).stands()


def test_what_was_changed_just_now_may_change_again_unseen(file: Path) -> None:
    assert not Stamp.of([file], began()).stands()


def test_other_words_of_the_same_length_at_the_same_time_are_seen(file: Path) -> None:
    stamp, held = settled(file), file.stat().st_mtime_ns
    time.sleep(0.02)  # the clock of files has ticks
    file.write_text("version: 2")
    os.utime(file, ns=(held, held))
    assert not stamp.stands()


def test_a_file_that_goes_or_comes_is_seen(file: Path) -> None:
    missing = file.with_name("policy.md")
    both = settled(file, missing)
    assert both.stands()
    missing.write_text("# Policy")
    assert not both.stands()
    stamp = settled(file)
    file.unlink()
    assert not stamp.stands()


def test_another_file_in_a_folder_is_seen(file: Path) -> None:
    stamp = settled(file.parent)
    time.sleep(0.02)
    (file.parent / "new.yaml").write_text("")
    assert not stamp.stands()
