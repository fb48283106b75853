"""The promise about time on real register entries, read by the real adapters.

The extracts hold one day only, so a future is made for them: every unit's facts are dealt out anew among the units and
become known on the as-of day. Nothing real is written outside the test's own folder.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipelines.ingest import ingest
from pipelines.progress import Progress
from targeting.cohort import register_rules
from targeting.domain import AsOf
from targeting.features import compute, load_families
from targeting.snapshots import AsOfView, Store
from targeting.tables import Enterprises, Establishments, Table

AS_OF = AsOf(date(2024, 7, 1))
EXTRACTS = ("er_enheter_koblet_2024-01.csv.gz", "er_underenheter_koblet_2024-01.csv.gz")


@pytest.fixture(scope="module")
def real_store(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    home = tmp_path_factory.mktemp("real")
    paths = [shared_data / "norway" / name for name in EXTRACTS]
    report = ingest(paths, home, None, False, Progress("test", visible=False))
    assert not report.refused
    return Store(home)


def _stored(store: Store, table: type[Table]) -> pa.Table:
    return pa.concat_tables(pq.read_table(path) for path in store.paths(table))


def _dealt_anew(rows: pa.Table, table: type[Table], known_on: date) -> pa.Table:
    """Each unit with the facts of the unit a hundred rows on, known on `known_on`."""
    keys = rows.select([table.about.key[0]])
    turned = pa.concat_tables([rows.slice(100), rows.slice(0, 100)]).drop_columns([table.about.key[0], "known_on"])
    later = turned.append_column("known_on", pa.array([known_on] * len(rows), pa.date32()))
    return later.append_column(table.about.key[0], keys.column(0)).select(rows.column_names)


def _features(store: Store, tables: tuple[type[Table], ...]) -> pa.Table:
    units = pc.unique(_stored(store, tables[0])["establishment"]).slice(0, 2000)
    pairs = pa.table({"establishment": units, "as_of": pa.array([AS_OF.day] * len(units), pa.date32())})
    with AsOfView.open(store, pairs, [AS_OF]) as view:
        register_rules(view)
        return compute(view, load_families())


def test_later_entries_change_no_feature_of_real_units(real_store: Store, tmp_path: Path) -> None:
    tables: tuple[type[Table], ...] = (Establishments, Enterprises)
    grown = Store(tmp_path)
    with grown.begin("test", "real and later", "f" * 64, AS_OF.day) as load:
        for table in tables:
            rows = _stored(real_store, table)
            load.add(table, rows)
            load.add(table, _dealt_anew(rows, table, AS_OF.day))
    assert len(_stored(grown, Establishments)) > 1.5 * len(_stored(real_store, Establishments))
    before, after = _features(real_store, tables), _features(grown, tables)
    assert before.num_rows == 2000
    for name in before.column_names:
        assert before[name].equals(after[name]), f"{name} depends on what was known later"
