"""Model calls and tokens a case, beside a plain tool-calling agent on the same cases and endpoint.

The plain agent is LangChain's ``create_agent``: it is given the SOP as prose (its clauses, its
questions and its table in words) and every tool of the SOP, and is to end with an outcome. Both
talk to the simulated model of the sandbox, style ``expert``, over real HTTP: how many tools it asks
for in a turn is the simulation's habit, not a model's, so the figures compare what each design
sends for the same work, and say nothing about how well a real model would do it.

Printed a case type: sequential model calls, tokens in and out a case, for both, and the ratios.

Run: python benchmarks/plain_agent.py [--cases 8] [--seed 7] [--sop late_shipment_appeal]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from langchain.agents import create_agent
from langchain_core.messages import AIMessage
from langchain_core.tools import BaseTool, StructuredTool
from langgraph.errors import GraphRecursionError
from pydantic import SecretStr

from agents.endpoint import chat_model, endpoints
from casewright.clock import utc_now
from casewright.models import GoldCase
from casewright.registry import load_plugins
from casewright.settings import Settings
from evals.gold import load_gold
from evals.live import live_judge
from evals.suite import Look
from graphs.catalog import Catalog
from graphs.sop import Sop
from sandbox.build import build_world
from sandbox.model.server import simulating
from sandbox.server import running
from tools.base import Tool
from tools.inbox import get_case
from tools.named import inbox_of, source_of
from tools.toolbox import Toolbox

TURNS = 60
"""Most steps of the plain agent."""


@dataclass(frozen=True)
class Used:
    """Sequential model calls and tokens of one case."""

    calls: int
    tokens: int


def prose(sop: Sop) -> str:
    """The procedure as a team would hand it to an agent: clauses, questions, rows in words."""
    clauses = (f"{clause.reference}: {clause.text}" for clause in sop.policy.clauses)
    facts = (
        f"- {name}: {rule.spec.question or rule.spec.rule or 'weighed from the others'}"
        for name, rule in sop.factors.items()
    )
    rows = (
        f"{row.number}. If {row.spec.condition}, then {' or '.join(row.spec.then)}."
        for row in sop.rows
    )
    steps = (f"- {name}: call {action.tool.name}" for name, action in sop.actions.items())
    parts = {
        sop.spec.title: "Decide the case by this procedure, with the tools; cite what you read.",
        "Policy": "\n".join(clauses),
        "Evidence to fetch": "\n".join(steps),
        "Facts to establish": "\n".join(facts),
        "Decision, first rule that holds": "\n".join(rows),
        "Answer": f"End with JSON: outcome (one of {', '.join(sop.outcomes)}) and the reasons.",
    }
    return "\n\n".join(f"{heading}\n{body}" for heading, body in parts.items())


def bound(toolbox: Toolbox, sop: Sop, as_of: datetime) -> list[BaseTool]:
    """The SOP's tools as LangChain has them."""

    def offered(tool: Tool) -> BaseTool:
        async def call(**given: object) -> str:
            said = {name: value for name, value in given.items() if value is not None}
            evidence = await toolbox.call(tool.name, said, as_of=as_of)
            return json.dumps(evidence.data or {"status": evidence.status, "why": evidence.reason})

        return StructuredTool.from_function(
            coroutine=call,
            name=tool.name,
            description=tool.description,
            args_schema=tool.arguments,
            handle_tool_error=True,
            handle_validation_error=True,
        )

    return [offered(tool) for tool in {a.tool.name: a.tool for a in sop.actions.values()}.values()]


async def plain(settings: Settings, sop: Sop, tools: dict[str, Tool], gold: GoldCase) -> Used:
    """What the plain agent uses for one case."""
    async with source_of(settings) as source:
        case = await get_case(inbox_of(settings, source, utc_now), gold.case_id)
        toolbox = Toolbox(tools, source, utc_now)
        agent = create_agent(
            chat_model(endpoints(settings)[0], settings),
            bound(toolbox, sop, gold.as_of),
            system_prompt=prose(sop),
        )
        task = {"role": "user", "content": case.model_dump_json()}
        said: list[AIMessage] = []
        try:
            async for state in agent.astream(
                {"messages": [task]}, {"recursion_limit": TURNS}, stream_mode="values"
            ):
                said = [one for one in state["messages"] if isinstance(one, AIMessage)]
        except GraphRecursionError:
            pass  # what it used until then counts
    used = [one.usage_metadata for one in said if one.usage_metadata]
    return Used(len(said), sum(usage["total_tokens"] for usage in used))


async def ours(settings: Settings, gold: Sequence[GoldCase]) -> list[Used]:
    """What casewright uses for the cases."""
    async with live_judge(settings) as judge:
        runs = [await judge(Look(case_id=one.case_id, as_of=one.as_of)) for one in gold]
    costs = [run.decision.cost for run in runs if run.decision]
    return [Used(cost.model_calls, cost.tokens_in + cost.tokens_out) for cost in costs]


def show(name: str, plainly: Sequence[Used], mine: Sequence[Used]) -> None:
    """One line: means a case, and the ratios."""
    calls = [sum(one.calls for one in used) / len(used) for used in (plainly, mine)]
    tokens = [sum(one.tokens for one in used) / len(used) for used in (plainly, mine)]
    print(
        f"{name:24}{len(mine):4}{calls[0]:10.1f}{calls[1]:8.1f}{calls[1] / calls[0]:8.2f}"
        f"{tokens[0]:12.0f}{tokens[1]:10.0f}{tokens[1] / tokens[0]:8.2f}",
        flush=True,
    )


async def compare(home: Path, seed: int, cases: int, names: Sequence[str]) -> None:
    world = home / "sandbox"
    build_world(world, seed=seed, size="small")
    tools = load_plugins().all("tool", Tool)
    catalog = Catalog(tools)
    gold = load_gold(world / "gold.jsonl")
    with running(world, faults=False, rate_limits=False) as market, simulating(world) as url:
        settings = Settings(
            home=home,
            source_url=market.base_url,
            source_token=SecretStr(market.read_token),
            model="simulated-expert",
            model_base_url=url,
            model_privacy="off",
        )
        print(f"{'':24}{'n':>4}{'calls':>10}{'ours':>8}{'ratio':>8}{'tokens':>12}{'ours':>10}"
              f"{'ratio':>8}")  # fmt: skip
        for name in names or catalog.names():
            sop = catalog.load(name)
            mine = [one for one in gold if one.case_type == sop.spec.case_type][:cases]
            plainly = [await plain(settings, sop, tools, one) for one in mine]
            show(name, plainly, await ours(settings, mine))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=8, help="gold cases of each type")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--sop", action="append", default=[], help="only this procedure")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(compare(Path(folder), given.seed, given.cases, given.sop))


if __name__ == "__main__":
    main()
