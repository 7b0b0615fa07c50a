"""A simulated marketplace behind a real HTTP API: the outside world for demos and tests.

Nothing measured here says anything about a real market.
"""

OWNER = "casewright"
