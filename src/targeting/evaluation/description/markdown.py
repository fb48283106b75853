"""The little Markdown the description needs. Texts are ours, but a bar in one must not break a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["bullets", "table"]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with a head; every row as wide as it.

    >>> print(table(["a", "b"], [["x", "y"]]))
    | a | b |
    |---|---|
    | x | y |
    """
    lines = [header, *rows]
    told = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines]
    return "\n".join([told[0], "|" + "---|" * len(header), *told[1:]])


def bullets(lines: Iterable[str]) -> str:
    """A list."""
    return "\n".join(f"- {line}" for line in lines)
