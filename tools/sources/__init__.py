"""How data is reached."""

OWNER = "casewright"
