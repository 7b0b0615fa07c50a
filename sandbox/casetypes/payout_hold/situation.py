"""What a past reviewer noted of a held balance: observables only."""

from __future__ import annotations

from sandbox.casetypes.payout_hold.money import Money
from sandbox.casetypes.payout_hold.plan import Plan
from sandbox.timeline import DAY


def describe(plan: Plan, money: Money) -> list[str]:
    """Write three or four English sentences a case."""
    return [
        " ".join([_hold(plan, i), _payee(plan, i), _trade(plan, i), _money(plan, money, i)])
        for i in range(len(plan))
    ]


def _hold(plan: Plan, case: int) -> str:
    days = int(plan.frame.opened_at[case] - plan.placed_at[case]) // DAY
    bound = plan.frame.column("court_hold")[case]
    order = ", with an order of a court or an authority in force" if bound else ""
    gone = "now passes" if plan.frame.column("cause_cleared")[case] else "does not pass yet"
    return f"Held for {days} days for {plan.reason[case]}{order}; that check {gone}."


def _payee(plan: Plan, case: int) -> str:
    frame = plan.frame
    if plan.bank_withheld[case]:
        bank = "the bank gave no answer"
    else:
        bank = f"payee {'confirmed' if frame.column('payee_verified')[case] else 'not confirmed'}"
    signs = "; a change of bank with strange logins" if frame.column("takeover_signs")[case] else ""
    severe = "; a severe case is open" if frame.column("open_severe")[case] else ""
    return f"{bank[0].upper()}{bank[1:]}{signs}{severe}."


def _trade(plan: Plan, case: int) -> str:
    frame = plan.frame
    words = [
        "sales jumped" if frame.column("spike")[case] else "sales did not jump",
        "goods arrive late" if frame.column("slow_delivery")[case] else "goods arrive",
        "disputes are high" if frame.column("disputes_high")[case] else "disputes are low",
    ]
    age = "a young account" if frame.column("young_account")[case] else "an older account"
    return f"On {age} {', '.join(words)}."


def _money(plan: Plan, money: Money, case: int) -> str:
    share = float(money.loss[case] / plan.held_cents[case])
    covered = plan.frame.column("exposure_covered")[case]
    return (
        f"Expected loss is {share:.0%} of the hold and {'is' if covered else 'is not'} covered by "
        "reserve and free balance."
    )
