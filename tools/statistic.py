"""Statistics: named Python functions from numbers that were gathered to one number.

An SOP names one as a factor's ``statistic``. Packages offer them behind an entry point in group
``casewright.plugins``, as they do tools; the built-in ones are in :mod:`tools.formulas`.
"""

from __future__ import annotations

import inspect
import marshal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from casewright.errors import UsageError
from casewright.registry import load_plugins

KIND = "statistic"
"""What the registry calls them."""

Function = Callable[..., float | None]


class Inputs(BaseModel):
    """Base of a statistic's inputs: nothing is converted, save whole numbers to numbers."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


@dataclass(frozen=True)
class Statistic:
    """A typed function that makes one number of others.

    Attributes:
        name: Unique name, such as ``wilson_lower``.
        description: What it tells, for people.
        source: Where its formula comes from.
        inputs: Model of its arguments.
        function: The function; None says that there is no such number.
        digest: sha-256 over the source text of its module.
    """

    name: str
    description: str
    source: str
    inputs: type[BaseModel]
    function: Function
    digest: str

    def value(self, given: Mapping[str, Any]) -> float | None:
        """The number for these inputs, or None where there is none.

        Raises:
            UsageError: an input is not of its type, or the function refuses it.
        """
        try:
            inputs = self.inputs.model_validate(dict(given))
            found = self.function(**{key: getattr(inputs, key) for key in self.inputs.model_fields})
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise UsageError(
                f"The statistic {self.name} refuses {where}: {first['msg']}."
            ) from error
        except (ArithmeticError, ValueError) as error:
            raise UsageError(f"The statistic {self.name} refuses its inputs: {error}.") from error
        return None if found is None else float(found)


def statistic(*, name: str, description: str, source: str) -> Callable[[Function], Statistic]:
    """Make a statistic of a function whose parameters are all annotated.

    Args:
        name: Its name.
        description: What it tells.
        source: Where its formula comes from.

    Returns:
        A decorator that puts the :class:`Statistic` in the function's place.

    Raises:
        UsageError: a parameter has no type, or is no plain parameter.
    """

    def made(function: Function) -> Statistic:
        inputs = _inputs(name, function)
        return Statistic(name, description, source, inputs, function, _digest(function))

    return made


def offered() -> dict[str, Statistic]:
    """The statistics of all installed packages, by name.

    Raises:
        EnvironmentFault: a plugin does not load.
    """
    return load_plugins().all(KIND, Statistic)


def _inputs(name: str, function: Function) -> type[BaseModel]:
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for one in inspect.signature(function).parameters.values():
        if one.name not in hints or one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
            raise UsageError(f"The input {one.name!r} of the statistic {name!r} has no type.")
        fields[one.name] = (hints[one.name], ... if one.default is one.empty else one.default)
    return create_model(f"{function.__name__}_inputs", __base__=Inputs, **fields)


def _digest(function: Function) -> str:
    """Over the whole module, since what the function calls there decides as well.

    Where no source is at hand, over its compiled code.
    """
    try:
        content = inspect.getsource(inspect.getmodule(function) or function).encode("utf-8")
    except OSError:
        content = marshal.dumps(inspect.unwrap(function).__code__)
    return sha256(content).hexdigest()
