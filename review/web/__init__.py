"""The console and the API: one ASGI application over the reviewer's desk."""

OWNER = "casewright"
