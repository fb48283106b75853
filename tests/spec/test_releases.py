"""A version's life as `releases.toml` tells it: which steps are allowed, who may serve, and who scores silently."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from targeting.domain import BadInputError, Target
from targeting.modelling.releases import STEPS, Release, State, load_releases

ONE, TWO = "v111111111111", "v222222222222"


def written(folder: Path, *steps: tuple[str, str, str], serves: str = "champion") -> Release:
    """The release of bht_use after these (day, version, state) steps."""
    entries = [
        f'[[bht_use.decisions]]\nversion = "{version}"\nstate = "{state}"\ndecided_on = {day}\n'
        'decided_by = "a person"\nwhy = "a test"\n'
        for day, version, state in steps
    ]
    heads = [
        f'[{target}]\nserves = "{serves if target is Target.BHT_USE else "champion"}"\nwhy = "a test"\n'
        f'decided_by = "a person"\ndecided_on = 2026-11-20\n{"".join(entries) if target is Target.BHT_USE else ""}'
        for target in Target
    ]
    (folder / "releases.toml").write_text("\n".join(heads), "utf-8")
    return load_releases(folder / "releases.toml")[Target.BHT_USE]


FIRST = ("2026-10-01", ONE, "approved")

ALLOWED = {
    "the first version of all needs no shadow": [FIRST],
    "a later one scores a quarter silently before": [
        FIRST,
        ("2026-11-20", TWO, "shadow"),
        ("2027-01-02", TWO, "approved"),
    ],
    "a shadow may be given up": [("2026-11-20", TWO, "shadow"), ("2026-11-21", TWO, "retired")],
    "what was given up may be tried again": [
        ("2026-11-20", TWO, "shadow"),
        ("2026-11-21", TWO, "retired"),
        ("2027-01-01", TWO, "shadow"),
    ],
    "two may be approved at once, so that one can be rolled back to": [
        FIRST,
        ("2026-11-20", TWO, "shadow"),
        ("2027-01-02", TWO, "approved"),
        ("2027-02-01", ONE, "retired"),
    ],
}

REFUSED = {
    "a quarter in shadow before approval": [FIRST, ("2026-11-20", TWO, "approved")],
    "an approval after 2027-01-01": [FIRST, ("2026-11-20", TWO, "shadow"), ("2027-01-01", TWO, "approved")],
    "an approval after 2026-10-01": [FIRST, ("2026-10-01", TWO, "shadow"), ("2026-10-01", TWO, "approved")],
    "retired after approved": [FIRST, ("2026-11-20", ONE, "shadow")],
    "shadow after retired": [FIRST, ("2026-11-20", ONE, "retired"), ("2027-05-01", ONE, "approved")],
    "oldest first": [("2027-01-01", TWO, "shadow"), FIRST],
    "shadow, approved or retired": [("2026-10-01", ONE, "candidate")],
    "or a version such as": [("2026-10-01", "newest", "shadow")],
}


@pytest.mark.parametrize("name", ALLOWED)
def test_steps_that_are_allowed(tmp_path: Path, name: str) -> None:
    release = written(tmp_path, *ALLOWED[name])
    day, version, state = ALLOWED[name][-1]
    last = release.decision_on(version)
    assert last is not None
    assert (str(last.decided_on), last.state) == (day, state)


@pytest.mark.parametrize("expected", REFUSED)
def test_steps_that_are_refused_say_what_was_expected(tmp_path: Path, expected: str) -> None:
    with pytest.raises(BadInputError, match=expected):
        written(tmp_path, *REFUSED[expected])


def test_every_state_has_its_steps() -> None:
    assert set(STEPS) == set(State)
    assert not any(state in after for state, after in STEPS.items())


def test_only_shadows_score_silently(tmp_path: Path) -> None:
    release = written(tmp_path, FIRST, ("2026-11-20", TWO, "shadow"))
    assert release.shadows == (TWO,)
    assert written(tmp_path, ("2026-11-20", TWO, "shadow"), ("2026-11-21", TWO, "retired")).shadows == ()


def test_what_is_not_approved_cannot_be_named_to_serve(tmp_path: Path) -> None:
    assert written(tmp_path, FIRST, serves=ONE).serves == ONE
    assert written(tmp_path, FIRST, serves=TWO).decided_on == date(2026, 11, 20), "approved by the line itself"
    for state in ("shadow", "retired"):
        with pytest.raises(BadInputError, match="an approved version to serve"):
            written(tmp_path, ("2026-11-20", TWO, state), serves=TWO)


@pytest.mark.parametrize("line", ['decided_by = " "', "decided_on = 2026-13-01", 'decided_on = "2026-11-20"', ""])
def test_a_release_without_a_person_or_a_day_is_refused(tmp_path: Path, line: str) -> None:
    written(tmp_path)
    path = tmp_path / "releases.toml"
    key = line.split(" ")[0] or "decided_by"
    lines = path.read_text("utf-8").splitlines()
    place = next(number for number, one in enumerate(lines) if one.startswith(key))
    path.write_text("\n".join([*lines[:place], line, *lines[place + 1 :]]), "utf-8")
    with pytest.raises(BadInputError):
        load_releases(path)
