"""What lies beside a published run about its models: the card people wrote, and the figures of the forward test.

Both are optional: a web process that has no `models/` folder says so. Neither is ever loaded as a model.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from markdown_it import MarkdownIt
from markupsafe import Markup

from targeting.domain import Target
from targeting.published import TargetRun

__all__ = ["Forward", "Gate", "Tried", "card_of", "forward_of"]

_CARDS: Final = Path(__file__).resolve().parents[2] / "models"
_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False}).enable("table")


class Tried(NamedTuple):
    """How one candidate did forward in time; `serves` marks the one in service."""

    candidate: str
    precision: float
    auc: float
    brier: float
    ece: float
    serves: bool


class Gate(NamedTuple):
    """One check before a release; `detail` is in English."""

    code: str
    outcome: str
    detail: str


@dataclass(frozen=True)
class Forward:
    """The forward test: `rows` inspections in `windows` quarters, of which `base_rate` had a breach; best first."""

    why: str
    windows: tuple[str, ...]
    rows: int
    base_rate: float | None
    k: int
    tested: tuple[Tried, ...]
    gates: tuple[Gate, ...]


def card_of(target: Target) -> Markup | None:
    """The card of `target` without its title, as HTML; null where the cards are not installed. It is in English."""
    path = _CARDS / f"{target}.md"
    if not path.is_file():
        return None
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith(("# ", "<!--"))]
    return Markup(_MARKDOWN.render("\n".join(lines)).replace("<h2>", "<h4>").replace("</h2>", "</h4>"))  # noqa: S704


def forward_of(home: Path, target: Target, about: TargetRun) -> Forward | None:
    """The figures in the manifest of the model that served; null where it is not here or not the one published."""
    path = home / "models" / target / about.release / "manifest.json"
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != about.model:
        return None
    return _read(json.loads(content))


def _read(manifest: dict[str, Any]) -> Forward:
    forward: dict[str, dict[str, Any]] = manifest["forward"]
    serves = manifest["candidate"]
    tested = [
        Tried(name, one["precision_at_k"], one["auc"], one["brier"], one["ece"], name == serves)
        for name, one in forward.items()
    ]
    first = next(iter(forward.values()), {})
    return Forward(
        why=manifest["why"],
        windows=tuple(manifest["test_windows"]),
        rows=first.get("rows", 0),
        base_rate=first.get("base_rate"),
        k=first.get("k", 0),
        tested=tuple(sorted(tested, key=lambda one: -one.precision)),
        gates=tuple(Gate(one["code"], one["outcome"], one["detail"]) for one in manifest["gates"]),
    )
