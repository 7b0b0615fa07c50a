"""What takes a write back that was done: its inverse, by what was sent and what was answered."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from casewright.canonical import digest_of
from casewright.enforcement import Enforced, PlannedAction
from tools.enforcement import WriteTool

VERSION = "expected_version"
"""Argument that a compensation leaves out: the write itself has changed the version."""


def compensation(done: Enforced, tools: Mapping[str, WriteTool]) -> PlannedAction | str:
    """The write that takes one back, or why nothing does.

    Its key is made of the key of what it takes back, so that one write is taken back once.

    Args:
        done: A write that was done, or may have been: then its answer is empty.
        tools: The write tools by name.
    """
    write = done.write
    tool = tools.get(write.do)
    inverse = tools.get(tool.undone_by) if tool else None
    if tool is None or inverse is None:
        return f"nothing takes {write.do} back"
    sent = {name: value for name, value in write.arguments.items() if name != VERSION}
    made = tool.inverse(sent, done.answer) if tool.inverse else sent
    given = {name: value for name, value in made.items() if value is not None}
    try:
        inverse.arguments.model_validate(given)
    except ValidationError as error:
        lacking = ", ".join(sorted({str(one["loc"][0]) for one in error.errors() if one["loc"]}))
        return f"the marketplace did not say what {inverse.name} needs ({lacking})"
    return PlannedAction(
        do=inverse.name,
        purpose="compensation",
        name=write.name,
        arguments=given,
        undoes=write.key,
        key=digest_of({"undoes": write.key, "do": inverse.name}),
    )
