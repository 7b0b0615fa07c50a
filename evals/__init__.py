"""Gold cases, metrics with intervals, and the runs that measure a graph version."""

OWNER = "casewright"
