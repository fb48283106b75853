"""The monitor page: what the template is given, and the one file that comes out. No clock: equal input, equal page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from pipelines.evaluation_report.drawing import Picture
from pipelines.evaluation_report.tables import Table
from pipelines.evaluation_report.templating import OWN, templates_in
from pipelines.evaluation_report.words import Said, both, count, day, decimal, said, share
from pipelines.monitor_report.plots import calibration_picture, drift_picture, shift_pictures
from pipelines.monitor_report.steps import Step
from targeting.domain import Target
from targeting.parameters.watching import bounds
from targeting.watching import GROUPS, Calibration, Check, ChurnTold, Drift, Light, Pin, Watch, worst
from targeting.watching.words import named

__all__ = ["InService", "render"]

_TEMPLATES: Final = templates_in(Path(__file__).with_name("templates"), OWN)
_LIGHTS: Final = {
    Light.GREEN: Said("grønt", "green"),
    Light.YELLOW: Said("gult", "yellow"),
    Light.RED: Said("rødt", "red"),
}
_STATES: Final = {Light.GREEN: "pass", Light.YELLOW: "fail_warn", Light.RED: "fail_block"}
_GROUP_NAMES: Final[Mapping[str, Said]] = {
    "inputs": Said("Data inn", "Inputs"),
    "features": Said("Kjennetegn", "Features"),
    "scores": Said("Skår", "Scores"),
    "churn": Said("Listene", "The lists"),
    "calibration": Said("Treffsikkerhet", "Calibration"),
}
_STEP_STATES: Final = {
    "done": Said("ferdig", "done"),
    "skipped": Said("var ferdig fra før", "was done already"),
    "failed": Said("feilet", "failed"),
}


class InService(NamedTuple):
    """The run that serves now."""

    run: str
    as_of: date


class _Lit(NamedTuple):
    """A group or a check as the page shows it: its light in words and as a style."""

    state: str
    light: Said
    title: Said
    told: Said
    code: str = ""
    stops: bool = False


class _Drifted(NamedTuple):
    target: Target
    title: Said
    picture: Picture
    shifts: Sequence[Picture]
    table: Table


def render(watch: Watch, steps: Sequence[Step], pin: Pin | None, serving: InService | None) -> str:
    """The page as one HTML document: lights, what is not green, steps, drift, churn, calibration, every check."""
    stops, as_of = bounds(date.fromisoformat(watch.as_of)).stops, day(date.fromisoformat(watch.as_of))
    closed = any(one.target is not None and one.target.closed for one in watch.checks)
    return _TEMPLATES.get_template("monitor.html").render(
        watch=watch,
        title=Said(f"Overvåking av kvartalskjøringen {as_of.nb}", f"Watching the quarterly run of {as_of.en}"),
        never=said("page.never"),
        overall=_Lit(_STATES[watch.light], _LIGHTS[watch.light], both(""), both("")),
        stopping=len(watch.stopping()),
        groups=[_group(watch, group, group in stops) for group in GROUPS],
        odd=[_lit(check) for check in watch.odd()],
        steps=_steps(steps) if steps else None,
        drift=_drift(watch),
        churn=_churn(watch.churn) if watch.churn else None,
        causes=[(Said(*named("target", one.target)), _causes(one)) for one in watch.churn],
        calibration=_calibration(watch.calibration) if watch.calibration else None,
        calibrated=calibration_picture(watch.calibration),
        every=[_lit(check) for check in watch.checks],
        pin=pin,
        serving=serving,
        closed=closed,
    )


def _group(watch: Watch, group: str, stops: bool) -> _Lit:
    own = [check for check in watch.checks if check.group == group]
    if not own:
        return _Lit("na", Said("ikke sett på", "not looked at"), _GROUP_NAMES[group], both("–"), stops=stops)
    light = worst(own)
    yellow, red = (sum(check.light is one for check in own) for one in (Light.YELLOW, Light.RED))
    told = Said(f"{len(own)} kontroller, {red} røde, {yellow} gule", f"{len(own)} checks, {red} red, {yellow} yellow")
    return _Lit(_STATES[light], _LIGHTS[light], _GROUP_NAMES[group], told, stops=stops)


def _lit(check: Check) -> _Lit:
    title, told = Said(check.title_nb, check.title_en), Said(check.reason_nb, check.reason_en)
    return _Lit(_STATES[check.light], _LIGHTS[check.light], title, told, check.code)


def _steps(steps: Sequence[Step]) -> Table:
    head = (
        Said("Steg", "Step"),
        Said("Tilstand", "State"),
        Said("Rader", "Rows"),
        Said("Sekunder", "Seconds"),
        Said("Minne, MiB", "Memory, MiB"),
    )
    rows = [
        (
            both(one.name),
            _STEP_STATES.get(one.state, both(one.state)),
            count(one.rows),
            decimal(one.seconds, 1),
            count(one.peak_mib),
        )
        for one in steps
    ]
    return Table(head, tuple(rows))


def _drift(watch: Watch) -> list[_Drifted]:
    limit = bounds(date.fromisoformat(watch.as_of)).feature_psi
    found = []
    for target in sorted({one.target for one in watch.drift}):
        rows = [one for one in watch.drift if one.target == target]
        title = Said(*named("target", target))
        picture = drift_picture(target, rows, limit)
        found.append(_Drifted(target, title, picture, shift_pictures(target, rows), _drift_table(rows)))
    return found


def _drift_table(rows: Sequence[Drift]) -> Table:
    head = (
        Said("Kjennetegn", "Feature"),
        Said("Lys", "Light"),
        both("PSI"),
        Said("PSI av tilfeldighet", "PSI by chance"),
        Said("KS (på intervaller)", "KS (on bins)"),
        Said("Rader", "Rows"),
        Said("Hva flyttet seg", "What moved"),
    )
    cells = [
        (
            Said(one.title_nb, one.title_en),
            _LIGHTS[one.light],
            decimal(one.psi, 3),
            decimal(one.noise, 3),
            both("–") if one.ks is None else decimal(one.ks, 3),
            count(one.rows),
            Said(one.shift_nb, one.shift_en),
        )
        for one in rows
    ]
    marked = frozenset(place for place, one in enumerate(rows) if one.light is not Light.GREEN)
    return Table(head, tuple(cells), marked)


def _churn(found: Sequence[ChurnTold]) -> Table:
    head = (
        Said("Mål", "Target"),
        Said("Plasser", "Places"),
        Said("Ble", "Stayed"),
        Said("Nye", "Entered"),
        Said("Ut", "Left"),
        Said("Mot kjøringen for", "Against the run for"),
        Said("Ny modell", "Another model"),
    )
    rows = [
        (
            Said(*named("target", one.target)),
            *(count(figure) for figure in (one.k, one.stayed, one.entered, one.left)),
            both(one.before_as_of),
            Said("ja", "yes") if one.model_changed else Said("nei", "no"),
        )
        for one in found
    ]
    return Table(head, tuple(rows))


def _causes(one: ChurnTold) -> Table:
    head = (Said("Grunn", "Cause"), Said("Ut", "Left"), Said("Inn", "Entered"))
    names = sorted(
        {*one.left_causes, *one.entered_causes},
        key=lambda name: -(one.left_causes.get(name, 0) + one.entered_causes.get(name, 0)),
    )
    rows = [
        (Said(*named("cause", name)), count(one.left_causes.get(name, 0)), count(one.entered_causes.get(name, 0)))
        for name in names
    ]
    themes = [(_indented(Said(*named("theme", theme))), both(""), count(moved)) for theme, moved in one.themes.items()]
    return Table(head, (*rows, *themes))


def _indented(words: Said) -> Said:
    return Said(f"– mest flyttet: {words.nb}", f"– moved most: {words.en}")


def _calibration(found: Sequence[Calibration]) -> Table:
    head = (
        Said("Mål", "Target"),
        Said("Kvartal", "Quarter"),
        Said("Kontrollert", "Inspected"),
        Said("Ventet", "Expected"),
        Said("Funnet (95 %)", "Found (95%)"),
        Said("Kalibreringsfeil", "Calibration error"),
    )
    return Table(head, tuple(_calibration_row(one) for one in found))


def _calibration_row(one: Calibration) -> tuple[Said, ...]:
    name = Said(*named("target", one.target))
    if one.expected is None or one.found is None or one.low is None or one.high is None or one.ece is None:
        few = Said("for få til å vise", "too few to show")
        return name, both(one.quarter), few, both("–"), both("–"), both("–")
    low, high, middle = share(one.low), share(one.high), share(one.found)
    found = Said(f"{middle.nb} ({low.nb} til {high.nb})", f"{middle.en} ({low.en} to {high.en})")
    return name, both(one.quarter), count(one.rows), share(one.expected), found, decimal(one.ece, 3)
