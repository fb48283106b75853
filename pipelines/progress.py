"""Progress bars on stderr, and only when a person is looking at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tqdm import tqdm

__all__ = ["Bar", "Progress", "steps"]

_T = TypeVar("_T")


class Bar:
    """One long step that moves forward by counts."""

    def __init__(self, update: Callable[[int], object]) -> None:
        self._update = update

    def advance(self, by: int = 1) -> None:
        """Move `by` units on."""
        self._update(by)


class Progress:
    """The bars of one command, each labelled `command: step`."""

    def __init__(self, command: str, *, visible: bool) -> None:
        self._command = command
        self._visible = visible

    @contextmanager
    def bar(self, title: str, total: int | None = None, unit: str = " rows") -> Iterator[Bar]:
        """A bar for `title`; without `total` it counts up."""
        label = f"{self._command}: {title}"
        with tqdm(total=total, desc=label, unit=unit, disable=not self._visible, file=sys.stderr) as bar:
            yield Bar(bar.update)

    def track(self, items: Iterable[_T], title: str, total: int | None = None) -> Iterator[_T]:
        """`items`, with a bar that advances as they are taken."""
        with self.bar(title, total, unit="") as bar:
            for item in items:
                yield item
                bar.advance()


@contextmanager
def steps(command: str) -> Iterator[Progress]:
    """The progress of `command`; silent where stderr is not a terminal."""
    yield Progress(command, visible=sys.stderr.isatty())
