"""Makes the material of reports: results, comparison, attacks, causes and the checker's word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from casewright.errors import SopError, UnknownName
from casewright.session import Session
from evals.bundle import Attacks, Bundle, Input, gold_digest
from evals.causes import Errors
from evals.compare import compare
from evals.compare_commands import explain_command
from evals.comparison import Comparison
from evals.gate_file import BUILT_IN, GATE_FILE, gate_of
from evals.measures import MetricContext, metrics
from evals.metrics import Report, summarise
from evals.promotion import verdict
from evals.report_input import Measured, attacks_on, causes_of, shared_with
from evals.report_page import Gated, Material
from evals.scored import Scored
from graphs.classifiers import with_classifiers
from graphs.prove import prove
from graphs.sop_commands import catalog_of
from graphs.versions import version_of

if TYPE_CHECKING:
    from graphs.catalog import Catalog
    from graphs.sop import Sop


@dataclass(frozen=True)
class Given:
    """What the files of one call hold.

    Attributes:
        versions: The graph versions of the results, each with its cases.
        champion: The champion's cases, of all SOPs; none where nobody compares.
        attacks: What the attack suite did, a version each.
        errors: Why cases came out wrong, or None.
        inputs: The files.
        names: What the champion's file and the results file are called.
        notes: Cases that are in no report, and why.
    """

    versions: tuple[Measured, ...]
    champion: tuple[Scored, ...]
    attacks: tuple[Attacks, ...]
    errors: Errors | None
    inputs: tuple[Input, ...]
    names: tuple[str, str]
    notes: tuple[str, ...]


class Maker:
    """Puts together what the report of each version is made from.

    Args:
        session: Its settings and SOPs; the home folder that its commands name.
        given: What the files hold.
        moment: When the reports are made, which is also the day of the checker.
        margin: The greatest loss of first-look accuracy that does not matter.
    """

    def __init__(self, session: Session, given: Given, moment: datetime, margin: float) -> None:
        self._session = session
        self._given = given
        self._moment = moment
        self._margin = margin
        self._catalog: Catalog = catalog_of(session)

    def material(self, version: Measured) -> Material:
        """All that the report of one version needs."""
        errors, unexplained, sop = None, 0, self._sop(version)
        if self._given.errors is not None:
            errors, unexplained = causes_of(self._given.errors, version)
        bundle = self._bundle(version, sop)
        return Material(
            bundle=bundle,
            scored=version.scored,
            errors=errors,
            unexplained=unexplained,
            notes=tuple(self._notes(version, sop)),
            command=partial(explain_command, self._session),
            gate=self._gate(bundle),
        )

    def _gate(self, bundle: Bundle) -> Gated:
        """What the SOP's gate says of exactly this version, whatever is in production."""
        named = bundle.sop in self._catalog.names()
        folder = self._catalog.folder(bundle.sop) if named else None
        gate, origin = gate_of(folder, self._session.workspace)
        reasons = verdict(bundle, gate, self._moment, bundle.graph_version, None)
        told = tuple(f"{one.rule}: {one.told}" for one in reasons)
        return Gated(origin if origin == BUILT_IN else GATE_FILE, gate.digest, told)

    def _notes(self, version: Measured, sop: Sop | None) -> Iterator[str]:
        given = self._given
        if given.champion and not shared_with(given.champion, version):
            yield "The champion's file has none of these cases: nothing was compared."
        if given.attacks and attacks_on(given.attacks, version) is None:
            yield "The attack suite's file is of other versions."
        if sop is None:
            told = "the checker was not run, and what wrong decisions cost is not known"
            yield f"The SOP at hand is not exactly this version: {told}."

    def _bundle(self, version: Measured, sop: Sop | None) -> Bundle:
        return Bundle(
            made_at=self._moment,
            sop=version.sop,
            graph_version=version.graph_version,
            gold_digest=gold_digest(one.gold for one in version.scored),
            report=self._report(version, sop),
            comparison=self._comparison(version, sop),
            attacks=attacks_on(self._given.attacks, version),
            findings=None if sop is None else self._findings(sop),
            inputs=self._given.inputs,
        )

    def _report(self, version: Measured, sop: Sop | None) -> Report:
        return summarise(version.scored, metrics().values(), _context(version, sop))

    def _comparison(self, version: Measured, sop: Sop | None) -> Comparison | None:
        shared = shared_with(self._given.champion, version)
        if not shared:
            return None
        return compare(
            shared,
            version.scored,
            margin=self._margin,
            names=self._given.names,
            context=_context(version, sop),
            explain=partial(explain_command, self._session),
        )

    def _sop(self, version: Measured) -> Sop | None:
        """The SOP at hand, if it is exactly the version that was measured."""
        try:
            sop = self._catalog.load(version.sop)
        except (UnknownName, SopError):
            return None
        settings = self._session.settings
        for home in _homes(settings.home, version.scored):
            found = with_classifiers(sop, home)
            if version_of(found, settings) == version.graph_version:
                return found
        return None

    def _findings(self, sop: Sop) -> tuple[str, ...]:
        found = prove(sop, today=self._moment)
        return tuple(f"{one.severity}: {one.file}:{one.line}: {one.message}" for one in found)


def _homes(home: Path, scored: Sequence[Scored]) -> Iterator[Path]:
    """The home folders whose classifiers a version may have been made with."""
    yield home
    for seed in sorted({one.gold.seed for one in scored if one.gold.seed is not None}):
        yield home / "evals" / f"seed-{seed}"


def _context(version: Measured, sop: Sop | None) -> MetricContext:
    """What wrong decisions cost, where the SOP at hand says so."""
    costs = sop.spec.costs if sop else None
    types = {one.gold.case_type for one in version.scored}
    return MetricContext({} if costs is None else dict.fromkeys(sorted(types), costs))
