"""Which version a case runs on: what stands in the log of releases, read for every case."""

from __future__ import annotations

from collections.abc import Iterator

from casewright.errors import UsageError
from casewright.models import Case, Run
from casewright.release import Release, Standing
from casewright.settings import Settings
from casewright.store import Store
from graphs.sampling import in_canary
from graphs.sop import Sop
from graphs.versions import made_of, version_of


class Choice:
    """Chooses among the versions that stand; one object for the life of a process.

    The number of the log's last entry is asked for each case, and its entries only where that has
    grown: a promotion or a rollback holds from the next case on.

    Args:
        store: Holds the log.
        settings: The sampling key draws the cases of a canary.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._key = settings.sampling_key.get_secret_value().encode()
        self._newest = 0
        self._standing: dict[str, Standing] = {}

    async def of_case(self, case: Case, earlier: Run | None) -> Release | None:
        """The release whose version is to decide a case; None: the SOP's folder does.

        Args:
            case: The case.
            earlier: Its run before, whose version it stays on while that stands.

        Raises:
            UsageError: versions of several SOPs stand for its type.
        """
        found = {
            sop: standing
            for sop, standing in (await self._now()).items()
            if any(one.case_type == case.case_type for one in _deciding(standing))
        }
        if not found:
            return None
        if len(found) > 1:
            raise UsageError(
                f"Versions of {' and '.join(sorted(found))} stand for cases of type"
                f" {case.case_type!r}.",
                remedy="Take one out: `casewright sop rollback SOP`.",
            )
        return self._drawn(case, earlier, *found.values())

    def _drawn(self, case: Case, earlier: Run | None, standing: Standing) -> Release | None:
        stays = earlier.graph_version if earlier else ""
        for one in _deciding(standing):
            if one.version == stays:
                return one
        canary = standing.canary
        if canary and in_canary(case.case_id, canary.version, canary.share or 0, key=self._key):
            return canary
        return standing.production

    async def shadow_of(self, run: Run) -> Release | None:
        """The shadow that is to judge a run beside its own version, or None."""
        shadow = (await self._now()).get(run.sop, Standing()).shadow
        return shadow if shadow and shadow.version != run.graph_version else None

    async def _now(self) -> dict[str, Standing]:
        newest = await self._store.releases.newest()
        if newest != self._newest:
            self._standing = await self._store.releases.every_standing()
            self._newest = newest
        return self._standing


def _deciding(standing: Standing) -> Iterator[Release]:
    yield from (one for one in (standing.production, standing.canary) if one is not None)


def require_reproduced(release: Release, sop: Sop, settings: Settings) -> None:
    """Refuse to run a version as anything but what was measured.

    Args:
        release: What stands.
        sop: The procedure, from the files kept with the version.
        settings: Those of this process.

    Raises:
        UsageError: under these settings and with this code it would be another version.
    """
    now = version_of(sop, settings)
    if now == release.version:
        return
    raise UsageError(
        f"{release.version} stands in {release.stage} and cannot run as it was measured:"
        f" {_differing(release, sop, settings)}; it would be {now}.",
        remedy="Set that back, or promote what would run now: `casewright sop promote`.",
    )


def _differing(release: Release, sop: Sop, settings: Settings) -> str:
    """What a version's digest covers and has changed, with both values."""
    now = made_of(sop, settings)
    told = [
        f"{name} was {release.made_of[name] or 'empty'}, is {value or 'empty'}"
        for name, value in now.items()
        if name in release.made_of and release.made_of[name] != value
    ]
    return ", ".join(told) or "what its digest covers has changed"
