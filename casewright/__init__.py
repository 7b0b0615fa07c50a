"""The core every other folder builds on: models, errors, settings, store, registry, telemetry."""

OWNER = "casewright"
__version__ = "0.1.0"
