"""SOPs compiled to LangGraph state machines, and the runs that take cases through them."""

OWNER = "casewright"
