"""Tables and texts of what evals print."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


def new_table(title: str, *columns: str) -> Table:
    """An empty table without lines; without a title where that is empty."""
    from rich.table import Table

    made = Table(title=title or None, title_justify="left", box=None, header_style="bold")
    for column in columns:
        made.add_column(plain(column))
    return made


def plain(text: str) -> Text:
    """Text as it is: square brackets in a name are no markup."""
    from rich.text import Text

    return Text(text)
