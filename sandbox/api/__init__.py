"""The marketplace's HTTP API, one module a family of endpoints."""
