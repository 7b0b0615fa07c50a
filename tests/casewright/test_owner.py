from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from casewright.errors import EnvironmentFault, WrongPackage
from casewright.owner import FOLDERS, clashes, require_ours

ROOT = Path(__file__).parents[2]
GUARD = """
from casewright.errors import CasewrightError
from casewright.owner import require_ours
try:
    require_ours()
except CasewrightError as error:
    print(type(error).__name__, error)
"""


def guarded_with(folder: Path) -> str:
    """What the guard says in a process where ``folder`` is first on the path."""
    path = os.pathsep.join((str(folder), str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-c", GUARD],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def distribution(folder: Path, name: str, *files: str) -> None:
    """Leave behind what an installer does."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))


def test_every_folder_of_ours_is_ours() -> None:
    require_ours()


def test_every_folder_beside_the_core_is_guarded() -> None:
    ours = {file.parent.name for file in ROOT.glob("*/__init__.py")}
    assert set(FOLDERS) == ours - {"casewright"}


def test_a_foreign_folder_first_on_the_path_is_refused_by_its_file(tmp_path: Path) -> None:
    foreign = tmp_path / "evals" / "__init__.py"
    foreign.parent.mkdir()
    foreign.write_text("OWNER = 'someone else'\n")
    said = guarded_with(tmp_path)
    assert said.startswith(f"WrongPackage The name 'evals' is taken by {foreign}.")
    assert "pipx install casewright" in said


def test_a_foreign_folder_that_does_not_import_is_told_too(tmp_path: Path) -> None:
    foreign = tmp_path / "tools" / "__init__.py"
    foreign.parent.mkdir()
    foreign.write_text("import a_package_that_is_not_there\n")
    said = guarded_with(tmp_path)
    assert said.startswith("EnvironmentFault The folder 'tools' cannot be imported: ")
    assert "a_package_that_is_not_there" in said


def test_a_folder_without_a_module_is_foreign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cw_bare_folder").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(WrongPackage, match="'cw_bare_folder' is taken by a foreign folder"):
        require_ours(("cw_bare_folder",))


def test_a_missing_folder_is_a_fault_of_the_installation() -> None:
    with pytest.raises(EnvironmentFault, match="'cw_not_there' cannot be imported"):
        require_ours(("cw_not_there",))


def test_other_distributions_with_our_names_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distribution(tmp_path, "evals-kit", "evals/__init__.py", "evals_kit/__init__.py")
    distribution(tmp_path, "agentic", "agents/__init__.py", "evals/more.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = clashes()
    assert found["evals"] == ["agentic", "evals-kit"]
    assert found["agents"] == ["agentic"]
    assert "tools" not in found


def test_our_own_distribution_is_no_clash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(tmp_path, "casewright", *(f"{name}/__init__.py" for name in FOLDERS))
    monkeypatch.syspath_prepend(str(tmp_path))
    assert not any("casewright" in others for others in clashes().values())
