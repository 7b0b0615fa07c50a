"""What a trace tells of a case: attributes of its span, before and after."""

from __future__ import annotations

from casewright import spans
from casewright.models import Run
from casewright.spans import Attribute


def entering(run: Run) -> dict[str, Attribute]:
    """What is known of a case when it enters its graph."""
    return {
        spans.OPERATION: "invoke_workflow",
        spans.WORKFLOW: run.sop,
        "casewright.case_id": run.case.case_id,
        "casewright.case_type": run.case.case_type,
        "casewright.run_id": run.run_id,
        "casewright.graph_version": run.graph_version,
    }


def leaving(run: Run) -> dict[str, Attribute]:
    """How a case left its graph, and what it cost by then."""
    left: dict[str, Attribute] = {"casewright.status": run.status.value}
    if run.decision is None:
        return left
    cost = run.decision.cost
    return left | {
        "casewright.outcome": run.decision.outcome,
        "casewright.route": run.decision.route.value,
        "casewright.cost.model_calls": cost.model_calls,
        "casewright.cost.tool_calls": cost.tool_calls,
        "casewright.cost.micros": cost.micros,
        "casewright.cost.unpriced": cost.unpriced,
        spans.INPUT_TOKENS: cost.tokens_in,
        spans.OUTPUT_TOKENS: cost.tokens_out,
    }
