"""What an agent may call: typed, read-only tools, one family a module."""

OWNER = "casewright"
