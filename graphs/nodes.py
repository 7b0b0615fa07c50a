"""The nodes of every compiled SOP. Each signature states where the node can go next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from langgraph.types import Command, interrupt

from agents.ledger import ledger
from casewright import spans
from casewright.asking import Arrival
from casewright.cost import total
from casewright.errors import EvidenceIncomplete, UsageError
from casewright.models import (
    ActionRecord,
    Cost,
    Decision,
    Factor,
    ModelCall,
    Review,
    ReviewAct,
    Route,
    Run,
    RunStatus,
)
from graphs.act import Conclusion, concluded, corrected, escalated_to
from graphs.assess import assess
from graphs.confidence import told
from graphs.decide import Given, decide
from graphs.deliver import send, taking_back
from graphs.due import due_at
from graphs.enforce import (
    LATER,
    asked,
    begun_of,
    dropped,
    ended,
    left,
    require_done,
    scheduled,
    with_plan,
)
from graphs.errand import errand_of
from graphs.facts import Facts, judged_at
from graphs.gather import Gathering
from graphs.inquiry import corrections, still_holding, withdrawn
from graphs.inquiry import ended as answered
from graphs.interim import due, kept_on, taken_back, wanted
from graphs.lapse import resolved
from graphs.narrate import narrated
from graphs.node import (
    Context,
    by_name,
    dumped,
    factors_of,
    keep,
    proposal_of,
    run_of,
    say,
    timed,
    touched,
)
from graphs.notes import noted, settled
from graphs.plan import planned
from graphs.read import established, open_questions
from graphs.recall import recall
from graphs.route import route
from graphs.sampling import drawn_for
from graphs.shelf import shelf_key
from graphs.sop import Sop
from graphs.stake import stake
from graphs.state import Json, Services, State
from graphs.verify import verify


@dataclass(frozen=True)
class Nodes:
    """The nodes for one SOP; what they work with comes in as the runtime's context."""

    sop: Sop

    @timed
    async def intake(self, state: State, runtime: Context) -> Command[Literal["gather"]]:
        """Bind the case to the pinned version: nothing has been asked of any source yet."""
        case = await runtime.context.store.evidence(state["case"])
        say(runtime, f"{case.request['case_id']} on {state['version']}, as of {state['as_of']}")
        return Command(goto="gather")

    @timed
    async def gather(self, state: State, runtime: Context) -> Command[Literal["assess"]]:
        """Run the actions and freeze what they brought."""
        services = runtime.context
        case = await services.store.evidence(state["case"])
        as_of = datetime.fromisoformat(state["as_of"])
        case = judged_at(case, as_of)
        facts = await Gathering(self.sop, case, services.toolbox, as_of).run()
        if case.digest != state["case"]:
            await services.store.put_evidence([case], run_id=state["run_id"])
        await services.store.put_evidence(facts.evidence.values())
        run = await run_of(state, services)
        await services.store.save_run(touched(run, services), actions=list(facts.records.values()))
        _require_no_error(facts)
        services.shelf.put(shelf_key(case.digest, facts.records), facts)
        ended = [record.status for record in facts.records.values()]
        say(runtime, f"{ended.count('ok')} of {len(ended)} actions brought data")
        cost = Cost.model_validate(state["cost"]) + Cost(tool_calls=_calls(facts))
        return Command(
            goto="assess",
            update={
                "case": case.digest,
                "actions": dumped(facts.records),
                "cost": cost.model_dump(),
            },
        )

    @timed
    async def assess(self, state: State, runtime: Context) -> Command[Literal["recall"]]:
        """Establish the factors that are rules, and put in what experts noted."""
        services = runtime.context
        facts = await self._facts(state, services)
        standing = await services.store.notes.standing(facts.case.as_of)
        notes = noted(standing, facts, services.clock())
        await services.store.put_evidence(notes, run_id=state["run_id"])
        factors = await self._corrected(settled(assess(facts), notes), facts, state, services)
        known = f"{sum(factor.known for factor in factors)} of {len(factors)} factors known"
        say(runtime, f"{known}, {len(notes)} notes" if notes else known)
        digests = [note.digest for note in notes]
        return Command(goto="recall", update={"factors": by_name(factors), "notes": digests})

    @timed
    async def recall(self, state: State, runtime: Context) -> Command[Literal["read"]]:
        """Find similar closed cases and freeze the finding."""
        services = runtime.context
        found = await recall(await self._facts(state, services), factors_of(state), services)
        if found is None:
            say(runtime, "no knowledge base")
            return Command(goto="read", update={"recalled": ""})
        await services.store.put_evidence([found], run_id=state["run_id"])
        say(runtime, f"{len((found.data or {})['items'])} similar closed cases")
        return Command(goto="read", update={"recalled": found.digest})

    @timed
    async def read(self, state: State, runtime: Context) -> Command[Literal["decide"]]:
        """Have the open questions read; a reader that fails leaves them open."""
        services = runtime.context
        factors = factors_of(state)
        questions = open_questions(await self._facts(state, services), factors)
        if not questions:
            say(runtime, "no open question")
            return Command(goto="decide")
        known = {spans.OPERATION: "invoke_agent", spans.AGENT: "reader"}
        errand = errand_of(await self._facts(state, services))
        with ledger() as calls, spans.span("invoke_agent reader", known):
            try:
                reading = await services.reader.read(questions, errand)
            except Exception:  # no record of the run will tell of them
                await services.store.note_calls(state["run_id"], calls, services.clock())
                raise
        await services.store.put_evidence(reading.evidence, run_id=state["run_id"])
        slips = "".join(f", {kind} {count}" for kind, count in reading.cost.slips.items())
        answered = f"{len(reading.answers)} of {len(questions)} questions answered{slips}"
        say(runtime, "; ".join((answered, *reading.failures)))
        # A reader that failed tells no cost; what its calls cost is owed all the same.
        used = reading.cost if reading.cost.model_calls else reading.cost + total(calls)
        cost = Cost.model_validate(state["cost"]) + used
        read = established(factors, reading, questions, self.sop.factors)
        update = {
            "factors": by_name(read),
            "cost": cost.model_dump(),
            "calls": [*state.get("calls", ()), *(call.model_dump(mode="json") for call in calls)],
        }
        return Command(goto="decide", update=update)

    @timed
    async def decide(self, state: State, runtime: Context) -> Command[Literal["verify"]]:
        """Let the table decide, and keep the proposal in the run's record."""
        services = runtime.context
        recalled = await services.store.evidence(state["recalled"]) if state["recalled"] else None
        run = await run_of(state, services)
        as_of = datetime.fromisoformat(state["as_of"])
        factors = resolved(factors_of(state), run.asked, as_of, self.sop.factors, run.answer_by)
        calls = [ModelCall.model_validate(call) for call in state.get("calls", ())]
        cost = Cost.model_validate(state["cost"])
        stored = await services.store.evidence_of(state.get("notes", ()))
        notes = [stored[digest] for digest in state.get("notes", ())]
        given = Given(factors, recalled, cost, state["version"], calls, notes)
        facts = await self._facts(state, services)
        decision = planned(facts, decide(facts, given), state["run_id"])
        await keep(decision, state, services)
        say(runtime, f"{decision.outcome}: {'; '.join(decision.reasons)}")
        return Command(goto="verify", update={"factors": by_name(factors)})

    @timed
    async def verify(self, state: State, runtime: Context) -> Command[Literal["route"]]:
        """Re-read every citation from the store; strike what does not hold."""
        services = runtime.context
        decision = proposal_of(await run_of(state, services))
        cited = {c.reference for claim in decision.claims for c in claim.citations}
        stored = await services.store.intact_evidence(cited)
        checked = verify(decision, stored, self.sop.policy)
        await keep(checked, state, services)
        struck = sum(1 for claim in checked.claims if claim.struck)
        say(runtime, f"{len(checked.citations)} citations verified, {struck} claims struck")
        return Command(goto="route")

    @timed
    async def route(
        self, state: State, runtime: Context
    ) -> Command[Literal["narrate", "interim", "gate", "record"]]:
        """Tell the confidence; raise the route by the SOP's gate and by what was escalated to.

        What stays on the automatic route passes without a person. The calibration is read anew
        for every case, so that what was switched off is off from the next case on.
        """
        services = runtime.context
        run = await run_of(state, services)
        proposal = proposal_of(run)
        facts = await self._facts(state, services)
        standing = await services.store.calibrations.standing(state["version"])
        found = told(proposal, facts, standing, services.clock())
        reviewed = bool(run.reviews or run.undone)
        clearance = replace(services.clearance, reviewed=reviewed, unproven=found.unproven)
        floor = Route(state["floor"])
        routed = route(facts, found.decision, floor=floor, clearance=clearance)
        update = {
            "decision": routed,
            "due_at": due_at(self.sop.spec.gate, run.case, run.pause),
            "stake_cents": stake(self.sop.spec.costs, routed),
            # What the graph proposed before anybody acted is what it is judged by later.
            "proposed": run.proposed or (None if run.reviews else found.proposal),
        }
        await services.store.save_run(touched(run.model_copy(update=update), services))
        say(runtime, routed.route.value)
        if routed.route is Route.AUTO:
            return Command(goto="record")
        return Command(goto="narrate" if services.narrator else self._waiting())

    @timed
    async def narrate(self, state: State, runtime: Context) -> Command[Literal["interim", "gate"]]:
        """Have the rationale told to the reviewer; a narrator that fails changes nothing."""
        services = runtime.context
        run = await run_of(state, services)
        decision = proposal_of(run)
        if services.narrator is not None and decision.narrative is None:
            errand = errand_of(await self._facts(state, services))
            decision = await narrated(decision, services.narrator, errand, self.sop.outcomes)
            await keep(decision, state, services)
        say(runtime, _told(decision))
        return Command(goto=self._waiting())

    @timed
    async def interim(self, state: State, runtime: Context) -> Command[Literal["gate"]]:
        """Take the reversible measures that a waiting case asks for, or take them back."""
        services = runtime.context
        run = await run_of(state, services)
        facts = await self._facts(state, services)
        factors = factors_of(state)
        begun = await begun_of(run, services)
        run = dropped(run, wanted(facts, factors), begun, services.clock())
        writes = list(due(facts, factors, run))
        at = services.clock() if services.enforcer is not None else None
        run = asked(run, writes, at, reason=LATER if taking_back(run) else "")
        await services.store.save_run(touched(run, services))
        run = await send(run, services, at_once=True)
        say(runtime, ended(run, writes) or "no measure")
        return Command(goto="gate")

    async def gate(
        self, state: State, runtime: Context
    ) -> Command[Literal["record", "decide", "gather", "route"]]:
        """Wait for a reviewer, or for an answer that one of them asked for.

        This node runs again from its start when either comes in.
        """
        answer = interrupt({"run_id": state["run_id"]})
        services = runtime.context
        run = await run_of(state, services)
        if "arrival" in answer:
            update = await self._resumed(state, run, answer, services)
            return Command(goto="gather", update={**update, "gated": True})
        review = Review.model_validate(answer["review"])
        reviewed = run.model_copy(update={"reviews": _with(run.reviews, review)})
        reviewed = withdrawn(reviewed, review)
        await services.store.save_run(touched(reviewed, services), review=review)
        match review.act:
            case ReviewAct.REJECT:
                update = {"as_of": answer["as_of"], "kept": {}}
                return Command(goto="gather", update={**update, "gated": True})
            case ReviewAct.ESCALATE:
                floor = escalated_to(review, proposal_of(run).route)
                return Command(goto="route", update={"floor": floor.value, "gated": True})
            case ReviewAct.EDIT if review.factors:
                frozen, factors = corrected(factors_of(state), review, services.clock())
                await services.store.put_evidence([frozen], run_id=state["run_id"])
                return Command(goto="decide", update={"factors": by_name(factors), "gated": True})
            case _:
                return Command(goto="record", update={"gated": True})

    async def _resumed(self, state: State, run: Run, answer: Json, services: Services) -> Json:
        """Go on with what has come in; until it waits again the run is no longer in the queue."""
        arrival = Arrival.model_validate(answer["arrival"])
        over = answered(run, arrival).model_copy(update={"status": RunStatus.RUNNING})
        await services.store.save_run(touched(over, services))
        kept = corrections(run, factors_of(state), state["actions"], self.sop.factors)
        return {"as_of": answer["as_of"], "kept": kept}

    @timed
    async def record(
        self, state: State, runtime: Context
    ) -> Command[Literal["enforce", "__end__"]]:
        """Close the run with its plan: as the last review left it, or as it passed by itself."""
        services = runtime.context
        run = await run_of(state, services)
        decision = proposal_of(run)
        if run.reviews:
            decision, evidence = await self.conclude(state, run, run.reviews[-1], services)
            await services.store.put_evidence(evidence, run_id=state["run_id"])
        plan = [*taken_back(self.sop, run, decision.outcome), *decision.enforcement]
        enforcing = services.enforcer is not None
        now, kept = services.clock(), kept_on(self.sop, decision.outcome)
        run = dropped(run, kept, await begun_of(run, services), now)
        run = with_plan(run, plan, now + services.undo if enforcing else None)
        on = enforcing and bool(left(run)) and not services.undo
        status = RunStatus.RUNNING if on else RunStatus.DONE
        update = {
            "decision": decision,
            "status": status,
            "error": "",
            "automatic": not run.reviews,
            "second_look": await self._drawn(run, services),
        }
        await services.store.save_run(touched(run.model_copy(update=update), services))
        say(runtime, decision.outcome)
        return Command(goto="enforce" if on else "__end__")

    @timed
    async def enforce(self, state: State, runtime: Context) -> Command[Literal["__end__"]]:
        """Carry out what the gate let pass; what failed is tried again when the case is."""
        services = runtime.context
        run = scheduled(await run_of(state, services), services.clock())
        writes = [one.write for one in left(run)]
        await services.store.save_run(run)
        run = await send(run, services, at_once=True)
        require_done(run)
        update = {"status": RunStatus.DONE, "error": ""}
        await services.store.save_run(touched(run.model_copy(update=update), services))
        say(runtime, ended(run, writes))
        return Command(goto="__end__")

    async def conclude(
        self, state: State, run: Run, review: Review, services: Services
    ) -> Conclusion:
        """What a review that closes the run makes of it; see ``graphs.act.concluded``."""
        if run.status is RunStatus.DONE:  # recorded before, and interrupted since
            return proposal_of(run), ()
        conclusion = concluded(await self._facts(state, services), run, review, services.clock())
        if review.claims:
            await self._require_proved(conclusion[0], review, services)
        return conclusion

    async def _require_proved(self, decision: Decision, review: Review, services: Services) -> None:
        """Verify again what a reworded claim cites: new words need the same proof."""
        changed = [decision.claims[one.number - 1] for one in review.claims]
        cited = {c.reference for claim in changed for c in claim.citations}
        stored = await services.store.intact_evidence(cited)
        own = decision.model_copy(update={"claims": tuple(changed)})
        for before, after in zip(changed, verify(own, stored, self.sop.policy).claims, strict=True):
            if after.struck and not before.struck:
                raise UsageError(f"The claim {after.sentence!r} cannot stand: {after.struck}.")

    async def _drawn(self, run: Run, services: Services) -> bool:
        """Whether a second reader sees the run: of a new version's first automatic ones, all."""
        shares, passed = self.sop.spec.gate.sampling, None
        if not run.reviews:
            count = services.store.second_looks.automatic
            passed = await count(run.graph_version, beside=run.run_id, at_most=shares.first)
        return drawn_for(shares, run, services.sampling_key, passed=passed)

    async def _corrected(
        self, factors: tuple[Factor, ...], facts: Facts, state: State, services: Services
    ) -> tuple[Factor, ...]:
        """The factors with what a person corrected before, where its evidence is the same."""
        kept = state.get("kept") or {}
        if not kept:
            return factors
        digests = {one for held in kept.values() for one in held["rests"].values() if one}
        then = await services.store.evidence_of(digests)
        now = {
            name: facts.evidence[record.digest]
            for name, record in facts.records.items()
            if record.digest
        }
        return still_holding(factors, kept, then, now)

    def _waiting(self) -> Literal["interim", "gate"]:
        return "interim" if self.sop.measures else "gate"

    async def _facts(self, state: State, services: Services) -> Facts:
        records = {
            name: ActionRecord.model_validate(record) for name, record in state["actions"].items()
        }
        key = shelf_key(state["case"], records)
        if (held := services.shelf.get(key)) is not None and held.sop is self.sop:
            return held
        digests = {record.digest for record in records.values() if record.digest}
        evidence = await services.store.evidence_of({*digests, state["case"]})
        facts = Facts(self.sop, evidence[state["case"]], records, evidence)
        return services.shelf.put(key, facts)


def _told(decision: Decision) -> str:
    narrative = decision.narrative
    if narrative is None:
        return "nothing told"
    told = (*narrative.supports, *narrative.contradicts, *narrative.beside)
    return narrative.reason or f"{sum(one.by == 'model' for one in told)} sentences"


def _require_no_error(facts: Facts) -> None:
    """Stop where an action failed: a fault of ours may never turn into a question to a party."""
    failed = [record for record in facts.records.values() if record.status == "error"]
    if failed:
        told = "; ".join(f"{record.action}: {record.reason}" for record in failed)
        raise EvidenceIncomplete(
            f"Evidence could not be fetched ({told}).",
            remedy="Nothing was decided; run the case again when the source answers.",
        )


def _calls(facts: Facts) -> int:
    return sum(len(one.parts) or 1 for one in facts.records.values() if one.digest)


def _with(reviews: tuple[Review, ...], review: Review) -> tuple[Review, ...]:
    return reviews if review in reviews else (*reviews, review)
