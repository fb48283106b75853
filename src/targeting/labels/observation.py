"""Labels as they were observed: only where an inspection checked the matter, with why it was inspected beside it.

The rate of positive labels is a rate among the inspected, who were not drawn at random. `origin`, `form`, `inspector`,
`office` and `random_selection` say how they were drawn; they are decided at assignment and never rank anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from importlib import resources
from types import MappingProxyType

import duckdb
import pyarrow as pa

from targeting.domain import AsOf, Target
from targeting.labels.bht_use import BHT_USE
from targeting.labels.definition import LabelDefinition
from targeting.labels.unlawful_hiring import UNLAWFUL_HIRING
from targeting.labels.work_crime import WORK_CRIME
from targeting.labels.working_environment import WORKING_ENVIRONMENT
from targeting.parameters import outcome_rules
from targeting.snapshots import AsOfView, Store
from targeting.snapshots.connection import quoted
from targeting.tables import Findings, Inspections, Reactions

__all__ = ["DEFINITIONS", "label_relation", "label_rows", "labels_of"]

DEFINITIONS: Mapping[Target, LabelDefinition] = MappingProxyType(
    {each.target: each for each in (BHT_USE, WORKING_ENVIRONMENT, UNLAWFUL_HIRING, WORK_CRIME)}
)
"""The label of every target."""

_EVERYTHING = AsOf(date(9999, 12, 31))


def label_rows(store: Store, target: Target, until: AsOf = _EVERYTHING, *, threads: int = 2) -> pa.Table:
    """One row per inspection that checked a control point of `target`, as known before `until` (default: all there is).

    Columns: establishment, inspection, occurred_on, known_on (the newest of the answers and reactions used), label
    (0 or 1), severity (0-3, see `SEVERITY`), form, origin, inspector, office, random_selection (null means no).
    An answer corrected later counts from the day the correction became known. Sorted by (occurred_on, inspection).
    """
    return labels_of(store, [target], until, threads=threads)[target]


def labels_of(
    store: Store, targets: Sequence[Target], until: AsOf = _EVERYTHING, *, threads: int = 2
) -> dict[Target, pa.Table]:
    """The rows of `label_rows` of each of `targets`: what they are all made of is read once."""
    tables = (Inspections, Findings, Reactions)
    with AsOfView.open(store, None, [until], threads=threads, tables=tables) as view:
        return {target: label_relation(view, target).to_arrow_table() for target in targets}


def label_relation(view: AsOfView, target: Target) -> duckdb.DuckDBPyRelation:
    """The rows of `label_rows` as known on the one day of `view`, not computed yet."""
    pattern = "|".join(outcome_rules.work_crime_words())
    view.connection.execute(f"SET VARIABLE work_crime_pattern = {quoted(pattern)}")
    return view.connection.sql(_sql(DEFINITIONS[target]))


def _sql(definition: LabelDefinition) -> str:
    topics = ", ".join(quoted(topic) for topic in definition.topics)
    template = resources.files(__package__).joinpath("observation.sql").read_text(encoding="utf-8")
    return template.format(
        topics=f"t.topic IN ({topics})" if topics else "true",
        read_reactions=" OR ".join(definition.reactions) or "false",
        positive=definition.positive,
    )
