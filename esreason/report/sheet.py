"""A table of figures, as Markdown and as it is printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Sheet:
    """A title, the heads of the columns and the rows of cells; the first column is text, the others are numbers."""

    title: str
    heads: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        for row in self.body:
            if len(row) != len(self.heads):
                raise ValueError(f"a row of {len(row)} cells in a sheet of {len(self.heads)} columns: {row}")


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first column is text, the others are numbers."""
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def sheets_markdown(sheets: Iterable[Sheet]) -> str:
    """Every sheet as its title in bold and a Markdown table."""
    return "\n\n".join(f"**{sheet.title}**\n\n{markdown(sheet.heads, sheet.body)}" for sheet in sheets)


def sheet_table(sheet: Sheet, numbers: bool = True) -> Table:
    """A sheet for the terminal; `numbers` sets all columns but the first to the right."""
    table = Table(box=None, pad_edge=False, title=Text(sheet.title), title_justify="left", title_style="bold")
    for number, head in enumerate(sheet.heads):
        figures = numbers and number > 0
        style = "" if number else "bold"
        table.add_column(Text(head), justify="right" if figures else "left", style=style, no_wrap=figures)
    for row in sheet.body:
        table.add_row(*map(Text, row))
    return table
