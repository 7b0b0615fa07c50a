"""Where SOPs and fragments lie."""

from __future__ import annotations

from pathlib import Path

from graphs.library import BUILT_IN, Library


def test_the_earlier_folder_counts(tmp_path: Path) -> None:
    (tmp_path / "fragments").mkdir()
    (tmp_path / "fragments" / "appeal.yaml").touch()
    (tmp_path / "fragments" / "mine.yaml").touch()
    (tmp_path / "late_shipment_appeal").mkdir()
    library = Library((tmp_path, BUILT_IN))
    found = library.fragments(".yaml")
    assert found["appeal"].parent.parent == tmp_path
    assert found["documents"].parent.parent == BUILT_IN
    assert "mine" in found
    assert "mine" not in library.fragments(".md")
    assert library.sops()["late_shipment_appeal"].parent == BUILT_IN
    assert "fragments" not in library.sops()


def test_no_folder_holds_nothing(tmp_path: Path) -> None:
    library = Library((tmp_path / "nowhere",))
    assert library.sops() == {}
    assert library.fragments(".yaml") == {}
    assert library.base("late_shipment_appeal", ()) is None
