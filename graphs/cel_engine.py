"""The CEL library's compiled core.

``import cel`` also imports the library's own command line, with its prompts and colours, which
takes longer than loading an SOP. So the extension module is loaded by itself.
"""

from __future__ import annotations

import sys
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, Protocol

from casewright.errors import EnvironmentFault

NAME = "cel.cel"


class CelProgram(Protocol):
    """A compiled expression."""

    def execute(self, context: dict[str, Any]) -> Any:
        """Evaluate with variables by name; raises the built-in error that fits the fault."""
        ...


def compile_cel(text: str) -> CelProgram:
    """Compile an expression.

    Raises:
        ValueError: the text is not CEL.
        EnvironmentFault: the library is not installed.
    """
    program: CelProgram = _core().compile(text)
    return program


def _core() -> Any:
    if NAME in sys.modules:
        return sys.modules[NAME]
    path = _extension()
    spec = spec_from_file_location(NAME, path, loader=ExtensionFileLoader(NAME, str(path)))
    if spec is None or spec.loader is None:
        raise _missing()
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[NAME] = module
    return module


def _extension() -> Path:
    package = find_spec("cel")
    folders = (package and package.submodule_search_locations) or ()
    for folder in map(Path, folders):
        for suffix in EXTENSION_SUFFIXES:
            if (folder / f"cel{suffix}").is_file():
                return folder / f"cel{suffix}"
    raise _missing()


def _missing() -> EnvironmentFault:
    return EnvironmentFault(
        "The package common-expression-language, which evaluates expressions, is missing.",
        remedy="Install casewright again.",
    )
