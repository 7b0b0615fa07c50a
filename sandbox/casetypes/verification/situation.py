"""What a past reviewer noted of a verification case: observables only."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.casetypes.verification.identities import Person
from sandbox.casetypes.verification.plan import Plan
from sandbox.identity_checks import Checks
from sandbox.timeline import DAY


def describe(plan: Plan, people: Sequence[Person], checks: Checks) -> list[str]:
    """Write three or four English sentences a case."""
    return [
        " ".join([_clock(plan, i), _papers(plan, people[i], i), _records(plan, checks, i),
                  _place(plan, checks, i)])
        for i in range(len(plan))
    ]  # fmt: skip


def _clock(plan: Plan, case: int) -> str:
    days = int(plan.frame.opened_at[case] - plan.due_at[case]) // DAY
    side = f"{days} days after it was due" if days >= 0 else "before it was due"
    missing = sorted(name for name, there in plan.held.items() if not there[case])
    lacking = f"missing {', '.join(missing)}" if missing else "nothing missing"
    return f"Looked at {side}, {lacking}."


def _papers(plan: Plan, who: Person, case: int) -> str:
    altered = plan.frame.column("papers_altered")[case]
    state = "one paper was altered" if altered else "no paper was altered"
    if not who.other:
        return f"All names agreed and {state}."
    shown = plan.frame.column("names_explained")[case]
    return f"One paper bore another name, {'with' if shown else 'without'} a reason shown; {state}."


def _records(plan: Plan, checks: Checks, case: int) -> str:
    frame, withheld = plan.frame, plan.withheld[case]
    told = [
        f"{name} had no answer" if action == withheld else f"{name} {'agreed' if ok else 'did not'}"
        for name, action, ok in (
            ("register", "register", frame.column("register_ok")[case]),
            ("tax number", "tax", frame.column("tax_ok")[case]),
            ("bank", "bank", frame.column("bank_ok")[case]),
        )
    ]
    live = "; the live check failed" if frame.column("person_failed")[case] else ""
    return f"Of the records, {', '.join(told)}{live}."


def _place(plan: Plan, checks: Checks, case: int) -> str:
    if plan.withheld[case] == "place":
        return "The address could not be checked."
    kind = checks.addresses.kind[case]
    return f"A {kind} address given by {int(checks.addresses.n_sellers[case])} sellers."
