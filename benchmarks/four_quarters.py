"""Four quarters of 2026 on synthetic countries: does a plan that explores beat one that only takes the highest scores?

    OMP_NUM_THREADS=1 nice python -m benchmarks.four_quarters [--countries 4] [--establishments 15000] [--out FILE.json]

Both policies start from the same store, model and list. A quarter is the house's own path (`pipelines.simulation`):
train, score, plan, approve, inspect, record, load. The Authority's ordinary inspections of 2026 go on as the country
drew them, the same for both; the plan comes on top. The store holds the registers of all of 2026 from the start: an
as-of view shows a quarter nothing that was not known before it.

Two histories: `full`, as the country drew it, and `narrow`, in which the Authority never asked about the occupational
health service outside building, manufacturing, education, health and public administration.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from benchmarks.four_quarters_measures import (
    auc_by_truth,
    calibration_error,
    paired,
    render_quarters,
    render_summary,
    top_expected,
)
from pipelines.ingest import ingest
from pipelines.progress import Progress
from pipelines.simulation import CarriedOut, Learned, Nature, carry_out, learn
from pipelines.synthetic import synthetic
from targeting.domain import Arm, AsOf, Quarter, Target
from targeting.planning import Exploration, default_problem
from targeting.published import open_current

_QUARTERS: Final = tuple(AsOf(Quarter(2026, number).first_day) for number in (1, 2, 3, 4))
_LAST_DAY: Final = date(2026, 12, 31)
_ASKED: Final = (*range(10, 34), *range(41, 44), *range(84, 89))
"""Divisions (the same digits in SN2007 and SN2025) in which the narrow history asked about the health service."""
_QUIET: Final = Progress("four quarters", visible=False)
Row = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """One run: a country with one of its histories, and how much is inspected."""

    country: Path
    seed: int
    history: str
    capacity: int
    shares: Mapping[str, float]

    @property
    def nature(self) -> Nature:
        """What its inspections find."""
        return Nature(self.country / "truth.parquet", self.seed)


class Seen(NamedTuple):
    """What one policy had and did in one quarter. `before`: whom its own plans had inspected by then."""

    learned: Learned
    scores: pd.Series
    frame: frozenset[str]
    before: frozenset[str]
    done: CarriedOut


def main() -> None:
    """Run every country and history, print a table after each and the summary at the end, write JSON as it grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--countries", type=int, default=4)
    parser.add_argument("--first-seed", type=int, default=11)
    parser.add_argument("--establishments", type=int, default=15_000)
    parser.add_argument("--capacity", type=int, default=75, help="300 a quarter, as for 60 000 establishments")
    parser.add_argument("--share", type=float, default=0.2)
    parser.add_argument("--histories", nargs="+", choices=("full", "narrow"), default=["full", "narrow"])
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "four_quarters")
    parser.add_argument("--out", type=Path, default=Path("four_quarters.json"))
    given = parser.parse_args()
    rows: list[Row] = []
    for seed in range(given.first_seed, given.first_seed + given.countries):
        country = _country(given.cache / f"{given.establishments}_{seed}", given.establishments, seed)
        for history in given.histories:
            started = time.perf_counter()
            shares = {"greedy": 0.0, "exploring": given.share}
            rows += _run(Setting(country, seed, history, given.capacity, shares))
            print(render_quarters([row for row in rows if (row["seed"], row["history"]) == (seed, history)]))
            print(f"({time.perf_counter() - started:.0f} s)\n", flush=True)
            given.out.write_text(json.dumps({"settings": _settings(given), "quarters": rows}, indent=1) + "\n")
    summary = {history: paired([row for row in rows if row["history"] == history]) for history in given.histories}
    document = {"settings": _settings(given), "summary": summary, "quarters": rows}
    given.out.write_text(json.dumps(document, indent=1) + "\n")
    print(render_summary(summary))


def _settings(given: argparse.Namespace) -> Row:
    wanted = ("countries", "first_seed", "establishments", "capacity", "share", "histories")
    return {name: getattr(given, name) for name in wanted}


def _country(folder: Path, establishments: int, seed: int) -> Path:
    """The country's files, its truth, and a store of everything but the answers (`common`); kept for the next run."""
    if not (folder / "READY").exists():
        shutil.rmtree(folder, ignore_errors=True)
        synthetic(establishments, seed, folder / "registers", folder / "truth.parquet", _QUIET)
        files = [one for one in sorted((folder / "registers").iterdir()) if not one.name.startswith("kontrollpunkt_")]
        _load(files, folder / "common")
        (folder / "READY").touch()
    return folder


def _load(files: Sequence[Path], home: Path) -> None:
    report = ingest(files, home, _LAST_DAY, True, _QUIET)
    assert not report.refused, report.refused


def _base(setting: Setting) -> tuple[Path, Learned]:
    """A home with the history's answers, and the first quarter's model and list: the same for every policy."""
    home = setting.country / f"base_{setting.history}"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(setting.country / "common", home)
    registers = setting.country / "registers"
    answers = sorted(registers.glob("kontrollpunkt_*"))
    if setting.history == "narrow":
        answers = [_narrowed(one, registers, setting.country / "narrow") for one in answers]
    _load(answers, home)
    return home, learn(home, _QUARTERS[0], _QUIET)


def _narrowed(answers: Path, registers: Path, folder: Path) -> Path:
    """The year's answers without those about the health service where it was never asked for."""
    visits = pd.read_csv(registers / answers.name.replace("kontrollpunkt_", "tilsyn_"), dtype=str)
    asked = visits.loc[visits["naeringskode"].str[:2].astype(int).isin(_ASKED), "internTilsynsid"]
    rows = pd.read_csv(answers, dtype=str)
    kept = rows[rows["internTilsynsid"].isin(asked) | ~rows["kontrollpunktId"].str.startswith("BHT-")]
    folder.mkdir(exist_ok=True)
    path = folder / answers.name
    path.write_bytes(gzip.compress(kept.to_csv(index=False).encode(), mtime=0))
    return path


def _run(setting: Setting) -> list[Row]:
    base, first = _base(setting)
    seen = {name: _policy(setting, name, base, first) for name in setting.shares}
    return [row for place in range(len(_QUARTERS)) for row in _measured(setting, place, seen)]


def _policy(setting: Setting, name: str, base: Path, first: Learned) -> tuple[Seen, ...]:
    """All quarters of one policy in a home of its own."""
    home = setting.country / f"run_{setting.history}_{name}"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(base, home)
    problem = replace(default_problem(), capacity=setting.capacity, exploration=Exploration(share=setting.shares[name]))
    quarters: list[Seen] = []
    before: frozenset[str] = frozenset()
    for as_of in _QUARTERS:
        learned = learn(home, as_of, _QUIET) if quarters else first
        published = open_current(home).scores(Target.BHT_USE).select(["establishment", "score"]).to_pandas()
        seed = setting.seed * 1000 + as_of.day.month
        done = carry_out(home, as_of, replace(problem, seed=seed), setting.nature, _QUIET)
        frame = pd.read_parquet(home / "plans" / done.live.record.id[:12] / "frame.parquet", columns=["establishment"])
        scores = published.set_index("establishment")["score"]
        quarters.append(Seen(learned, scores, frozenset(frame["establishment"]), before, done))
        before |= {one.establishment for one in done.live.outcomes if one.breach is not None}
    return tuple(quarters)


def _measured(setting: Setting, place: int, seen: Mapping[str, tuple[Seen, ...]]) -> list[Row]:
    """One row a policy. What the models are worth is measured on the same establishments for all: those in everybody's
    cohort that nobody's plan has inspected, and of these, for the lists, those that everybody may plan.
    """
    now = {name: quarters[place] for name, quarters in seen.items()}
    truth = pd.Series(setting.nature.probabilities(_QUARTERS[place]))
    touched = frozenset().union(*(one.before for one in now.values()))
    cohort = sorted(set(truth.index).intersection(*(set(one.scores.index) for one in now.values())) - touched)
    open_to_all = sorted(set(cohort).intersection(*(one.frame for one in now.values())))
    fewest = min(sum(slot.slot.arm is Arm.RANKED for slot in one.done.live.record.slots) for one in now.values())
    common = {"seed": setting.seed, "history": setting.history, "quarter": str(Quarter.of(_QUARTERS[place].day))}
    best = top_expected(truth[open_to_all], truth[open_to_all], setting.capacity)
    return [
        {
            **common,
            "policy": name,
            "share": setting.shares[name],
            "candidate": one.learned.candidate,
            "labels": one.learned.labels,
            "gates": one.learned.gates,
            **_found(one, truth, fewest),
            "cohort": len(cohort),
            "calibration_error": calibration_error(one.scores[cohort], truth[cohort]),
            "bias": float(one.scores[cohort].mean() - truth[cohort].mean()),
            "auc": auc_by_truth(one.scores[cohort], truth[cohort]),
            "list_expected": top_expected(one.scores[open_to_all], truth[open_to_all], setting.capacity),
            "list_best": best,
            **_prevalence(one, truth),
        }
        for name, one in now.items()
    ]


def _found(one: Seen, truth: pd.Series, fewest: int) -> Row:
    """Breaches of the ranked arm and of all; `matched`: of its `fewest` highest scores, so that arms of unequal length
    compare. `_expected` is by the truth, `promised` by the scores.
    """
    slots = [each.slot for each in one.done.live.record.slots]
    breach = {each.establishment: bool(each.breach) for each in one.done.live.outcomes if each.breach is not None}
    ranked = [slot for slot in slots if slot.arm is Arm.RANKED]
    matched = sorted(ranked, key=lambda slot: -slot.score)[:fewest]
    return {
        "ranked": len(ranked),
        "explored": len(slots) - len(ranked),
        "ranked_found": sum(breach.get(slot.establishment, False) for slot in ranked),
        "ranked_expected": float(sum(truth.get(slot.establishment, 0.0) for slot in ranked)),
        "ranked_promised": float(sum(slot.score for slot in ranked)),
        "matched_expected": float(sum(truth.get(slot.establishment, 0.0) for slot in matched)),
        "found": sum(breach.values()),
        "expected": float(sum(truth.get(slot.establishment, 0.0) for slot in slots)),
        "replaced": len(one.done.live.changes),
    }


def _prevalence(one: Seen, truth: pd.Series) -> Row:
    """How far each way to say "how common are breaches among those we may plan" is off."""
    known = sorted(one.frame & set(truth.index))
    true = float(truth[known].mean())
    cohort, naive = one.done.result.cohort, one.done.result.naive_rate
    estimate = cohort.interval if cohort else None
    return {
        "prevalence": true,
        "naive_error": (naive.estimate if naive else np.nan) - true,
        "score_error": float(one.scores[known].mean()) - true,
        "estimate_error": estimate.estimate - true if estimate else None,
        "estimate_covers": estimate.low <= true <= estimate.high if estimate else None,
    }


if __name__ == "__main__":
    main()
