"""What metrics need to know of the SOPs that decide the cases."""

from __future__ import annotations

from collections.abc import Iterable

from casewright.errors import UsageError
from evals.measures import MetricContext
from graphs.catalog import Catalog
from graphs.costs import CostSpec


def context_of(catalog: Catalog, case_types: Iterable[str], *, sop: str = "") -> MetricContext:
    """The context of metrics over cases of these types.

    Args:
        catalog: The SOPs.
        case_types: Types of the cases; one that no usable SOP decides has no costs.
        sop: SOP that decides them all; empty: the one for each case's type.

    Raises:
        UnknownName: there is no SOP of that name.
    """
    found: dict[str, CostSpec] = {}
    for case_type in sorted(set(case_types)):
        try:
            spec = (catalog.load(sop) if sop else catalog.for_case_type(case_type)).spec
        except UsageError:  # its cases scored as errors, which say why
            continue
        if spec.costs is not None:
            found[case_type] = spec.costs
    return MetricContext(costs=found)
