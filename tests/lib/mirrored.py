"""A small home with a bit of everything that is mirrored, what happens to it, and how to look at a mirror."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq

from pipelines.purge import Decision, purge
from targeting.domain import OrganisationNumber
from targeting.ledger import open_ledger, url_of
from targeting.mirror import Index, Remote, open_remote
from targeting.snapshots import Store
from targeting.tables import Establishments
from tests.lib.published_run import publish
from tests.lib.small_country import conforming, number, small_country, store_of

__all__ = [
    "FIRST",
    "SECOND",
    "UNIT",
    "at",
    "files",
    "folder_url",
    "index_at",
    "load",
    "make_home",
    "naming",
    "purged",
    "quarter",
    "torn_off",
]

FIRST, SECOND = "a" * 16, "b" * 16
UNIT = number(60)
MIRRORED = ("models", "published", "quarantine", "snapshots", "watching")


def make_home(home: Path) -> Path:
    """A store, a run in service, a trained version, pins; and what is not mirrored."""
    store_of(small_country(7, 20), home)
    publish(home, seed=1, establishments=61, digit="a")
    texts = {
        "models/bht_use/v0123/model.skops": "weights",
        "models/bht_use/v0123/manifest.json": "{}",
        "models/bht_use/CHAMPION": "v0123\n",
        "models/bht_use/.draft-x/model.skops": "half a model",
        "quarantine/c0ffee.jsonl": "{}\n",
        "watching/references/0123.json": "{}",
        "watching/pins.jsonl": "{}\n",
        "plans/c0ffee.json": "{}",
    }
    for path, text in texts.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text)
    return home


def load(home: Path, name: str, unit: str = UNIT) -> None:
    """One more register file."""
    row = {"establishment": unit, "enterprise": number(100_060), "known_on": date(2026, 5, 1), "version": 0}
    with Store(home).begin("test", name, name.ljust(64, "0"), date(2026, 5, 1)) as begun:
        begun.add(Establishments, conforming(Establishments, [row | {"status": "living"}]))


def quarter(home: Path) -> None:
    """A quarter later: one more file, one more run, one trained version in the place of another."""
    load(home, "second")
    publish(home, seed=2, establishments=61, digit="b", as_of=date(2027, 4, 1))
    (home / "models" / "bht_use" / "v0123").rename(home / "models" / "bht_use" / "v4567")
    (home / "models" / "bht_use" / "CHAMPION").write_text("v4567\n")
    with (home / "watching" / "pins.jsonl").open("a") as pins:
        pins.write('{"second": 2}\n{"torn')


def purged(home: Path, unit: str = UNIT) -> None:
    """A purge by decision, as the command does it."""
    with closing(open_ledger(url_of(home))) as ledger:
        decision = Decision(OrganisationNumber(unit), "a letter", "kari", datetime(2027, 2, 1, tzinfo=UTC))
        purge(home, ledger, decision, apply=True)


def files(home: Path, *parts: str) -> dict[str, bytes]:
    """What is mirrored, byte by byte."""
    paths = (path for part in parts or MIRRORED for path in (home / part).rglob("*") if path.is_file())
    kept = (path for path in paths if not any(name.startswith(".") for name in path.relative_to(home).parts))
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in kept}


@cache
def at(url: str) -> Remote:
    """The mirror; failures are not waited for."""
    return open_remote(url, sleep=lambda _: None)


def _names_of(path: Path) -> str:
    return str(pq.read_table(path, partitioning=None).to_pylist()) if path.suffix == ".parquet" else ""


def naming(home: Path, unit: str) -> set[str]:
    """Mirrored files that hold the number."""
    return {path for path, text in files(home).items() if unit.encode() in text or unit in _names_of(home / path)}


def torn_off(tree: dict[str, bytes]) -> dict[str, bytes]:
    """Without the torn last line of the pins, which is not there for a reader."""
    pins = tree["watching/pins.jsonl"]
    return tree | {"watching/pins.jsonl": pins[: pins.rfind(b"\n") + 1]}


def index_at(url: str) -> Index:
    """What the newest head says."""
    remote = at(url)
    return remote.index(remote.head())


def folder_url(tmp_path: Path) -> str:
    """The URL of a new folder."""
    (tmp_path / "mirrored").mkdir()
    return (tmp_path / "mirrored").as_uri()
