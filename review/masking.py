"""Hides personal data in a dossier, as it is hidden on a page: tokens stand for it."""

from __future__ import annotations

from agents.personal import require_presidio
from casewright.errors import EnvironmentFault
from casewright.models import Run
from review.dossier import Dossier, Frozen
from review.veil import veiled_all


def masked(dossier: Dossier) -> Dossier:
    """The dossier with tokens for personal data; its log, its SOP files and its rows stay.

    Raises:
        EnvironmentFault: Presidio is not installed.
    """
    try:
        require_presidio()
    except EnvironmentFault as error:
        raise EnvironmentFault(
            "Personal data cannot be hidden in a dossier: Presidio is not installed.",
            remedy="Install casewright[privacy], or show it with --reveal, which the log tells.",
        ) from error
    records = {digest: one.evidence() for digest, one in dossier.evidence.items()}
    runs = [Run.model_validate(one) for one in dossier.runs]
    shown, hidden = veiled_all(runs, records, shapes=True)
    evidence = {
        digest: Frozen(content=one.content(), retrieved_at=dossier.evidence[digest].retrieved_at)
        for digest, one in hidden.items()
    }
    told = [run.model_dump(mode="json") for run in shown]
    return dossier.model_copy(update={"masked": True, "evidence": evidence, "runs": told})
