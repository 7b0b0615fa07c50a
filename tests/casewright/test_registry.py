from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from casewright.errors import EnvironmentFault, UnknownName, UsageError
from casewright.registry import GROUP, Registry, load_plugins

PACKAGE = Path(__file__).parents[1] / "plugin_package"


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip installed the plugin package."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    for file in PACKAGE.glob("*.*"):
        (source / file.name).write_bytes(file.read_bytes())
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    how = ["--no-deps", "--no-index", "--no-build-isolation", "--no-compile"]
    subprocess.run([*pip, *how, "--target", str(target), str(source)], check=True)
    return target


class Shelf:
    """Distributions with one plugin each, as an installer would leave them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, module: str, *, point: str = "") -> None:
        info = self._folder / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{GROUP}.test]\n{name} = {point or name}\n")
        (self._folder / f"{name}.py").write_text(module)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.syspath_prepend(str(tmp_path))
    return Shelf(tmp_path)


def load() -> Registry:
    return load_plugins(f"{GROUP}.test")


def registering(name: str, part: str = "'part'") -> str:
    return f"def register(registry):\n    registry.add('thing', {name!r}, {part})\n"


def test_an_installed_package_brings_its_part(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_plugins()
    monkeypatch.syspath_prepend(str(installed))
    after = load_plugins()
    assert before.all("calendar", object) == {}
    (calendar,) = after.all("calendar", object).values()
    assert after.get("calendar", "holidays_de", type(calendar)) is calendar
    assert calendar.region == "DE"  # type: ignore[attr-defined]


def test_the_built_in_tools_come_in_by_the_same_door() -> None:
    assert "get_order" in load_plugins().all("tool", object)


def test_plugins_register_in_the_order_of_their_names(shelf: Shelf) -> None:
    for name in ("cw_zebra", "cw_ant", "cw_mole"):
        shelf.put(name, registering(name))
    assert list(load().all("thing", str)) == ["cw_ant", "cw_mole", "cw_zebra"]


def test_without_a_plugin_the_registry_is_empty() -> None:
    assert load().all("thing", object) == {}


def test_two_plugins_with_one_name_are_refused(shelf: Shelf) -> None:
    shelf.put("cw_first", registering("shared"))
    shelf.put("cw_second", registering("shared"))
    with pytest.raises(UsageError, match="Two plugins register the thing 'shared'") as caught:
        load()
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("import nothing_of_this_name\n", "nothing_of_this_name"),
        ("def register(registry:\n", "was never closed"),
        ("undefined\n", "undefined"),
        ("1 + 'a'\n", "unsupported operand"),
        ("int('x')\n", "invalid literal"),
        ("open('/nowhere/at/all')\n", "No such file"),
        ("VERSION = 1\n", "register"),
    ],
)
def test_a_plugin_that_does_not_load_is_named(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, module: str, told: str
) -> None:
    monkeypatch.delitem(sys.modules, "cw_broken", raising=False)
    shelf.put("cw_broken", module)
    with pytest.raises(EnvironmentFault, match=told) as caught:
        load()
    assert "plugin 'cw_broken'" in caught.value.message
    assert caught.value.remedy


def test_a_plugin_whose_module_is_not_there_is_named(shelf: Shelf) -> None:
    shelf.put("cw_gone", "", point="cw_moved_away")
    with pytest.raises(EnvironmentFault, match=r"'cw_gone' \(cw_moved_away\)"):
        load()


def test_parts_are_kept_by_kind_and_name() -> None:
    registry = Registry()
    registry.add("tool", "get_order", 1)
    registry.add("metric", "get_order", 2)
    registry.add("tool", "get_seller", 3)
    assert registry.get("metric", "get_order", int) == 2
    assert registry.all("tool", int) == {"get_order": 1, "get_seller": 3}


def test_a_name_taken_keeps_its_first_part() -> None:
    registry = Registry()
    registry.add("tool", "get_order", 1)
    with pytest.raises(UsageError):
        registry.add("tool", "get_order", 2)
    assert registry.get("tool", "get_order", int) == 1


def test_an_unknown_part_suggests_the_nearest() -> None:
    registry = Registry()
    registry.add("tool", "get_order", 1)
    with pytest.raises(UnknownName, match="Did you mean 'get_order'"):
        registry.get("tool", "get_odrer", int)
    with pytest.raises(UnknownName, match="Known: none"):
        registry.get("metric", "get_order", int)


def test_a_part_of_another_type_is_refused() -> None:
    registry = Registry()
    registry.add("tool", "get_order", "a text")
    with pytest.raises(UsageError, match="is a str, not int"):
        registry.get("tool", "get_order", int)
    with pytest.raises(UsageError, match="is a str, not int"):
        registry.all("tool", int)
