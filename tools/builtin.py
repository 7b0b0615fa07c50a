"""The built-in tools and statistics, registered as any plugin's are."""

from __future__ import annotations

from casewright.registry import Registry
from tools import (
    accounts,
    aftersales,
    appeals,
    checks,
    complaints,
    documents,
    enforcement,
    formulas,
    holds,
    identity,
    listings,
    logistics,
    notices,
    orders,
    patterns,
    reviews,
    rings,
    safety,
    sales,
    sellers,
    tracking,
    violations,
)
from tools.statistic import KIND

FAMILIES = (
    aftersales,
    accounts,
    appeals,
    checks,
    complaints,
    documents,
    holds,
    identity,
    listings,
    logistics,
    notices,
    orders,
    patterns,
    reviews,
    rings,
    safety,
    sales,
    sellers,
    tracking,
    violations,
)


def register(registry: Registry) -> None:
    """Add every built-in tool, statistic and write tool, each as its kind."""
    for family in FAMILIES:
        for tool in family.TOOLS:
            registry.add("tool", tool.name, tool)
    for one in formulas.STATISTICS:
        registry.add(KIND, one.name, one)
    for write in enforcement.TOOLS:
        registry.add(enforcement.KIND, write.name, write)
