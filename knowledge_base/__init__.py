"""Closed past cases in Chroma, and the one guarded way to retrieve them."""

OWNER = "casewright"
