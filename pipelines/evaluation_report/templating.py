"""Templates of pages that stand alone in one file: `base.html`, its parts and style, and a report's own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import jinja2

__all__ = ["OWN", "templates_in"]

OWN: Final = Path(__file__).with_name("templates")


def templates_in(*folders: Path) -> jinja2.Environment:
    """The templates of `folders`, the first that has one of a name; a value that is not given is an error."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
