"""One tree of typed errors. The command line prints the message and exits with ``exit_code``.

    CasewrightError
    ├── UsageError               the call, a file or an id is wrong: the user can mend it
    │   ├── UnknownCase          the source, or the store, knows no such case
    │   ├── NotRecorded          a replay asked a model what its cassette has no answer to
    │   ├── Forbidden            who asks may not do this, or see this case
    │   ├── Taken                somebody else has it, or was there first
    │   ├── TooMany              who asks has asked too often
    │   ├── UnknownCitation      the decision has no citation of that number
    │   ├── NotWaiting           the case does not wait for a person
    │   ├── UnknownName          no such SOP, tool or setting, with the nearest valid name
    │   └── SopError             an SOP cannot be read: file, line, column and reason
    │       └── ExpressionError  an expression does not parse or does not type
    ├── EnvironmentFault         the machine or the installation is at fault
    │   ├── HomeUnwritable       the home folder cannot be written
    │   ├── SchemaStale          the store was written by another version
    │   ├── StoreCorrupt         the store or a checkpoint does not read
    │   ├── StoreAway            the store's server cannot be reached: it may be in a while
    │   └── WrongPackage         another distribution's folder was imported instead of ours
    ├── SourceError              a data source did not do its part
    │   ├── SourceUnavailable    no answer after all retries
    │   ├── SourceRefused        the source refuses us: token, scope, parameters
    │   └── SourceMalformed      the answer is not of the agreed shape
    ├── ModelError               the model endpoint did not do its part
    │   ├── ModelUnavailable     no answer after all retries: another endpoint may have one
    │   ├── ModelRefused         the endpoint refuses us: key, model, parameters
    │   └── ModelMalformed       the answer is not of the agreed shape
    ├── EnforcementFailed        a write after the gate failed: it can be tried again
    ├── EvidenceIncomplete       required evidence ended in an error: nothing may be decided
    └── VerificationError        evidence does not match its digest, or a delivery its signature

A tool's own "no data" is no error: it is the Evidence status ``no_data``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar


class CasewrightError(Exception):
    """Base of every error casewright raises on purpose.

    Args:
        message: One sentence saying what is wrong.
        remedy: What to do next, or empty.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()


class UsageError(CasewrightError):
    """The call or its input is wrong; exit code 2."""

    exit_code = 2


class UnknownCase(UsageError):
    """The source, or the store, knows no case of this id."""


class NotRecorded(UsageError):
    """A replay asked a model what its cassette has no answer to; no call was made."""


class Forbidden(UsageError):
    """Who asks may not do this, or not with this case."""


class Taken(UsageError):
    """Somebody else has the case, or has acted on it first."""


class TooMany(UsageError):
    """Who asks has asked too often.

    Args:
        message: One sentence saying what is wrong.
        remedy: What to do next, or empty.
        wait_s: After how many seconds it may be tried again.
    """

    def __init__(self, message: str, *, remedy: str = "", wait_s: int = 0) -> None:
        super().__init__(message, remedy=remedy)
        self.wait_s = wait_s


class UnknownCitation(UsageError):
    """The decision has no citation of that number."""


class NotWaiting(UsageError):
    """The case does not wait for a person: it was decided, or somebody else acted on it."""


class UnknownName(UsageError):
    """A name that is not known, with the nearest valid one suggested."""

    @classmethod
    def among(cls, kind: str, name: str, valid: Iterable[str]) -> UnknownName:
        """Build the error for ``name`` of ``kind`` where ``valid`` lists the known names."""
        known = sorted(valid)
        near = difflib.get_close_matches(name, known, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known) or 'none'}."
        return cls(f"There is no {kind} {name!r}.", remedy=remedy)


class SopError(UsageError):
    """An SOP folder cannot be used.

    Args:
        message: What is wrong and what was expected.
        file: Path of the file, relative to the SOP's parent where possible.
        line: Line, from 1; 0 where unknown.
        column: Column, from 1; 0 where unknown.
        remedy: What to do next, or empty.
    """

    def __init__(
        self, message: str, *, file: str = "", line: int = 0, column: int = 0, remedy: str = ""
    ) -> None:
        # A column without its line would read as a line.
        position = ":".join(str(part) for part in (file, line, line and column) if part)
        super().__init__(f"{position}: {message}" if position else message, remedy=remedy)
        self.file, self.line, self.column = file, line, column


class ExpressionError(SopError):
    """An expression of an SOP does not parse, or asks for something impossible."""


class EnvironmentFault(CasewrightError):
    """The machine or the installation is at fault."""


class HomeUnwritable(EnvironmentFault):
    """The home folder cannot be created or written."""

    exit_code = 2


class SchemaStale(EnvironmentFault):
    """The store's schema is not the one this version needs."""


class StoreCorrupt(EnvironmentFault):
    """The store or a checkpoint cannot be read."""


class StoreAway(EnvironmentFault):
    """The store's server cannot be reached now; the same call can be made again."""


class WrongPackage(EnvironmentFault):
    """A folder of the same name from another distribution was imported."""


class SourceError(CasewrightError):
    """A data source did not do its part.

    Args:
        message: One sentence saying what is wrong.
        remedy: What to do next, or empty.
        code: The source's own problem code, or empty.
    """

    def __init__(self, message: str, *, remedy: str = "", code: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.code = code


class SourceUnavailable(SourceError):
    """No usable answer after all retries."""


class SourceRefused(SourceError):
    """The source refuses the call: token, scope or parameters."""


class SourceMalformed(SourceError):
    """The answer does not have the agreed shape."""


class ModelError(CasewrightError):
    """The model endpoint did not do its part.

    Args:
        message: One sentence saying what is wrong.
        remedy: What to do next, or empty.
        status: The HTTP status of the endpoint's answer; 0 where there was none.
    """

    def __init__(self, message: str, *, remedy: str = "", status: int = 0) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status


class ModelUnavailable(ModelError):
    """No usable answer after all retries: unreachable, too slow, too busy or broken."""


class ModelRefused(ModelError):
    """The endpoint refuses the call: key, model or parameters."""


class ModelMalformed(ModelError):
    """The answer is not a chat completion."""


class EvidenceIncomplete(CasewrightError):
    """Evidence a decision needs ended in an error; the run stops and can be tried again."""


class EnforcementFailed(CasewrightError):
    """A write after the gate failed for now; what is left of the plan can be tried again."""


class VerificationError(CasewrightError):
    """Evidence does not match its digest, or a delivery its signature."""
