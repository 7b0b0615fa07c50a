"""The human gate: what waits, and what a reviewer does with it."""

OWNER = "casewright"
