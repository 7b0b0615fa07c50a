"""What a search is for, and what it finds: runs by what they are about and how they stand."""

from __future__ import annotations

from casewright.base import Model, Moment
from casewright.models import Run
from casewright.team import Member
from casewright.waiting import both


class Sought(Model):
    """Which runs somebody looks for; empty fields want all.

    Attributes:
        text: The beginning of a case's or a run's id, or the whole id of whom or what a case is
            about: a seller, a buyer, an order, an appeal, a violation.
        case_id: The whole id of the case.
        statuses: Where they stand.
        outcomes: What is proposed or was decided.
        sops: Names of SOPs.
        regions: Regions.
        languages: Languages of party text.
        earlier: Whether earlier runs of a case are wanted beside its newest.
    """

    text: str = ""
    case_id: str = ""
    statuses: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    sops: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    earlier: bool = False

    def within(self, member: Member) -> Sought:
        """The same, of what the member sees alone."""
        scoped = {
            "regions": both(self.regions, member.regions),
            "sops": both(self.sops, member.sops),
            "languages": both(self.languages, member.languages),
        }
        return self.model_copy(update=scoped)

    def fits(self, run: Run) -> bool:
        """Whether a run, the newest of its case, is among those that are wanted."""
        hit, case = Hit.of(run), run.case
        pairs = (
            (self.statuses, hit.status),
            (self.outcomes, hit.outcome),
            (self.sops, hit.sop),
            (self.regions, hit.region),
            (self.languages, hit.language),
            ((self.case_id,) if self.case_id else (), hit.case_id),
        )
        begins = case.case_id.startswith(self.text) or run.run_id.startswith(self.text)
        named = begins or self.text in case.involved
        return named and all(not wanted or one in wanted for wanted, one in pairs)


class Hit(Model):
    """One run as a list shows it.

    Attributes:
        run_id: The run.
        case_id: Its case.
        case_type: Type of the case.
        sop: Name of its SOP.
        status: Where it stands.
        region: Region of the case.
        language: Language of what the party wrote.
        route: Who must look; empty before it is routed.
        outcome: What is proposed or was decided; empty before that.
        automatic: Whether it passed without a person.
        seller_id: Whom it is about.
        newest: Whether the case has no newer run.
        started_at: When the case entered.
        updated_at: Last change.
    """

    run_id: str
    case_id: str
    case_type: str
    sop: str
    status: str
    region: str
    language: str
    route: str
    outcome: str
    automatic: bool
    seller_id: str
    newest: bool
    started_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, run: Run) -> Hit:
        """The newest run of a case, as a list shows it."""
        case, decision = run.case, run.decision
        return cls(
            run_id=run.run_id,
            case_id=case.case_id,
            case_type=case.case_type,
            sop=run.sop,
            status=run.status.value,
            region=case.region,
            language=case.language,
            route=decision.route.value if decision else "",
            outcome=decision.outcome if decision else "",
            automatic=run.automatic,
            seller_id=case.seller_id,
            newest=True,
            started_at=run.started_at,
            updated_at=run.updated_at,
        )


class Hits(Model):
    """A page of what was found.

    Attributes:
        items: The runs, newest first.
        total: How many there are on all pages.
    """

    items: tuple[Hit, ...]
    total: int


class Pace(Model):
    """How many runs stand where, and how many came to an end of late.

    Attributes:
        by_status: Runs by status.
        ended: How many that run no more were last changed within the last minute.
    """

    by_status: dict[str, int]
    ended: int
