"""PLAN.json as the ledger keeps it: checked against its own hash, its slots told which standby lists stand behind."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from targeting.domain import Arm, BadInputError, Slot
from targeting.ledger import PlanRecord, ProposedSlot, Standby

__all__ = ["read_plan"]


def read_plan(text: str, run: str, target: str, candidates: pa.Table, where: str = "PLAN.json") -> PlanRecord:
    """The plan in `text`, which was made from `candidates` of `run`. Its id is its own content hash.

    Raises `BadInputError` when the text is no plan, or is not what its hash says.
    """
    try:
        document = json.loads(text)
        _check_hash(document, where)
        return _record(document, run, target, candidates)
    except (KeyError, TypeError, ValueError) as cause:
        raise BadInputError(
            expected="a PLAN.json as `python -m pipelines plan` writes it", got=str(cause), where=where
        ) from cause


def _check_hash(document: Mapping[str, Any], where: str) -> None:
    content = {name: value for name, value in document.items() if name != "hash"}
    got = hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    if got != document["hash"]:
        raise BadInputError(
            expected=f"the plan its hash names, {document['hash'][:12]}",
            got=f"another content, {got[:12]}",
            where=where,
            do="plan again; changes belong into the ledger as overrides",
        )


def _record(document: Mapping[str, Any], run: str, target: str, candidates: pa.Table) -> PlanRecord:
    strata = _strata_of(document, candidates)
    slots = tuple(
        ProposedSlot(
            Slot(
                one["establishment"],
                Arm(one["arm"]),
                one["inclusion_probability"],
                one["score"],
                tuple(one["constraint_cells"]),
            ),
            strata[one["establishment"]],
        )
        for one in document["slots"]
    )
    kept = {"slots", "standby", "problem", "hash", "probabilities_sha256"}
    summary = {name: value for name, value in document.items() if name not in kept}
    standbys = tuple(_standbys(document["standby"]))
    return PlanRecord(document["hash"], run, target, document["problem"], slots, standbys, summary)


def _standbys(strata: Sequence[Mapping[str, Any]]) -> list[Standby]:
    return [
        Standby(stratum["per"], stratum["value"], place, name, score)
        for stratum in strata
        for place, (name, score) in enumerate(zip(stratum["establishments"], stratum["scores"], strict=True), start=1)
    ]


def _strata_of(document: Mapping[str, Any], candidates: pa.Table) -> dict[str, tuple[tuple[str, str], ...]]:
    """For each slot its value in every column that standby lists are kept by, in the problem's order."""
    names = [one["establishment"] for one in document["slots"]]
    columns = list(dict.fromkeys(stratum["per"] for stratum in document["standby"]))
    found = candidates.filter(pc.is_in(candidates.column("establishment"), value_set=pa.array(names, pa.string())))
    rows = {row["establishment"]: row for row in found.select(["establishment", *columns]).to_pylist()}
    if len(rows) < len(names):
        raise BadInputError(
            expected="the candidates the plan was made from", got=f"{len(names) - len(rows)} slots that are not in them"
        )
    return {name: tuple((per, _label(rows[name][per])) for per in columns) for name in names}


def _label(value: object) -> str:
    return "missing" if value is None else str(value)
