"""Releases: every trained version of every target, where it stands, and what its silent quarters showed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.score import RELEASES
from pipelines.shadow import comparisons
from targeting.domain import Target
from targeting.modelling.registry import load_version, serving, versions
from targeting.modelling.releases import Release, State, load_releases

__all__ = ["releases"]


def releases(home: Path, declared: Path = RELEASES) -> str:
    """The versions of each target with their states, as text. `*` marks the one that serves."""
    parts = [_target(home, target, release) for target, release in load_releases(declared).items()]
    return "\n\n".join("\n".join(lines) for lines in parts)


def _target(home: Path, target: Target, release: Release) -> Iterator[str]:
    serves = serving(home, target, release)
    yield f"{target}: serves {release.serves}, decided by {release.decided_by} on {release.decided_on}: {release.why}"
    here = versions(home, target)
    names = sorted({*here, *(one.version for one in release.decisions), *((serves,) if serves else ())})
    if not names:
        yield "  no version was trained in this home"
        return
    yield (
        f"  {'version':<14}{'state':<11}{'decided on':<12}{'trained until':<15}{'candidate':<20}{'scores as':<13}"
        "decided by"
    )
    for name in names:
        yield _line(home, target, release, name, serves=name == serves, here=name in here)
        if name in release.shadows:
            yield from _quarters(home, target, name)


def _line(home: Path, target: Target, release: Release, version: str, *, serves: bool, here: bool) -> str:
    decision = release.decision_on(version)
    if decision is not None:
        state, decided_on, decided_by = decision.state, str(decision.decided_on), decision.decided_by
    elif serves:  # approved by the target's own line: by name, or as the champion that the policy takes
        state, decided_on, decided_by = State.APPROVED, str(release.decided_on), release.decided_by
    else:
        state, decided_on, decided_by = State.CANDIDATE, "", ""
    about = _about(home, target, version) if here else f"{'not in this home':<48}"
    return f"{' *' if serves else '  '}{version:<14}{state:<11}{decided_on:<12}{about}{decided_by}"


def _about(home: Path, target: Target, version: str) -> str:
    manifest = load_version(home, target, version).manifest
    return f"{manifest['trained_until']:<15}{manifest['candidate']:<20}{manifest['form']['name']:<13}"


def _quarters(home: Path, target: Target, version: str) -> Iterator[str]:
    found = comparisons(home, target, version)
    if not found:
        yield "      has scored no quarter yet"
    for one in found:
        agreement = "none" if one["rank_correlation"] is None else f"{one['rank_correlation']:.3f}"
        yield (
            f"      scored {one['as_of']} beside {one['champion']}: Jaccard at {one['k']} {one['jaccard']:.2f}, "
            f"rank correlation {agreement}, mean difference {one['mean_difference']:+.3f}"
        )
