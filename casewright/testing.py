"""Gold cases as tests: a plugin for pytest.

``pytest -p casewright.testing --gold gold.yaml`` runs one test a gold case; see docs/frozen.md. The
work is done by :mod:`evals.pytest_plugin`; this is the name that other packages may rely on.
"""

from __future__ import annotations

from evals.pytest_plugin import pytest_addoption as pytest_addoption
from evals.pytest_plugin import pytest_collect_file as pytest_collect_file
from evals.pytest_plugin import pytest_configure as pytest_configure
from evals.pytest_plugin import pytest_terminal_summary as pytest_terminal_summary
