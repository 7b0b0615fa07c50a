"""The record of everything: evidence, graph versions, runs and reviews, in one SQL database."""

from casewright.store.store import Store

__all__ = ["Store"]
