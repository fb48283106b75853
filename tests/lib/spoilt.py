"""Register files that are wrong in one way each, made from the country's own files."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

__all__ = ["SPOILT"]

Unit = dict[str, Any]
_BULK: Final = "underenheter_2015-12-31.json.gz"
_CHANGES: Final = "oppdateringer_underenheter_2025-12-31.jsonl.gz"
_LATER: Final = 10_000_000


def _bulk(registers: Path, inbox: Path, spoil: Callable[[list[Unit]], list[Unit]]) -> None:
    units = spoil(json.loads(gzip.decompress((registers / _BULK).read_bytes())))
    content = json.dumps(units, ensure_ascii=False).encode()
    (inbox / "underenheter_2024-12-30.json.gz").write_bytes(gzip.compress(content, mtime=0))


def _two_thirds(registers: Path, inbox: Path) -> None:
    _bulk(registers, inbox, lambda units: [unit for place, unit in enumerate(units) if place % 3])


def _new_codes(registers: Path, inbox: Path) -> None:
    def told(unit: Unit) -> Unit:
        codes = {name: value for name, value in unit.items() if name.startswith("naeringskode")}
        return unit | {name: value | {"kode": f"04.{value['kode'][-3:]}"} for name, value in codes.items()}

    _bulk(registers, inbox, lambda units: [told(unit) for unit in units])


def _grown(registers: Path, inbox: Path) -> None:
    """The changes of the year the codes changed, in which every unit comes, with ten times the employees."""
    lines = gzip.decompress((registers / _CHANGES).read_bytes()).decode().splitlines()
    changes = [change for change in map(json.loads, lines) if change["endringstype"] == "Endring"]
    for change in changes:
        unit = change["innhold"]
        unit |= {"antallAnsatte": 10 * (unit.get("antallAnsatte") or 5), "harRegistrertAntallAnsatte": True}
        change |= {"oppdateringsid": change["oppdateringsid"] + _LATER, "dato": "2026-12-30T04:00:00.000Z"}
    content = "\n".join(json.dumps(change, ensure_ascii=False) for change in changes).encode() + b"\n"
    (inbox / "oppdateringer_underenheter_2026-12-30.jsonl.gz").write_bytes(gzip.compress(content, mtime=0))


SPOILT: Final[Mapping[str, Callable[[Path, Path], None]]] = MappingProxyType(
    {"a third of the rows gone": _two_thirds, "another code standard": _new_codes, "everybody grown": _grown}
)
"""How a file is wrong -> writes it to the inbox (second argument), from the country's registers (first)."""
