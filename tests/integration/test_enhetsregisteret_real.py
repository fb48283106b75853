"""Real extracts of January 2024 and payloads made from the published schema, when they lie beside the repository."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from targeting.domain import BadInputError
from targeting.sources.detect import SourceKind, day_in_name, detect
from targeting.sources.enhetsregisteret import read_enterprises, read_establishments
from targeting.sources.reading import Batch
from tests.lib.register_payloads import numbers, organisation_number, write_json

READERS: dict[SourceKind, Callable[..., Iterator[Batch]]] = {
    SourceKind.ENTERPRISES: read_enterprises,
    SourceKind.ESTABLISHMENTS: read_establishments,
}
EXTRACTS = {
    "er_enheter_koblet_2024-01.csv.gz": 4398,
    "er_enheter_utvalg_2024-01.csv.gz": 4924,
    "er_underenheter_koblet_2024-01.csv.gz": 3936,
}


def _read(path: Path) -> list[Batch]:
    return list(READERS[detect(path)](path, known_on=day_in_name(path) or date(2024, 2, 1)))


@pytest.mark.parametrize(("name", "units"), EXTRACTS.items())
def test_counts_of_a_real_extract_add_up_and_nearly_all_is_accepted(shared_data: Path, name: str, units: int) -> None:
    batches = _read(shared_data / "norway" / name)
    accepted = sum(batch.rows.num_rows for batch in batches)
    refused = [str(refused) for batch in batches for refused in batch.quarantined]
    assert sum(batch.read for batch in batches) == units == accepted + len(refused)
    assert accepted >= 0.99 * units, "\n".join(refused[:20])
    assert all("expected " in line and ", got " in line for line in refused)


def test_employee_bands_of_the_real_sub_units(shared_data: Path) -> None:
    rows = pa.concat_tables(
        batch.rows for batch in _read(shared_data / "norway" / "er_underenheter_koblet_2024-01.csv.gz")
    )
    counted = [count is not None for count in rows["employees"].to_pylist()]
    bands = Counter(zip(rows["employees_registered"].to_pylist(), counted, strict=True))
    assert bands == {(True, True): 702, (True, False): 577, (False, False): 2657}
    assert rows["industry_code"].null_count == 119 + 117
    assert rows["municipality"].null_count == 59
    assert rows["started_on"].null_count == 387
    assert set(rows["industry_standard"].to_pylist()) == {"SN2007", None}
    assert not any('"hjemmeside"' in extra for extra in rows["extra"].to_pylist() if extra)
    assert any("kobling_sannsynlig_ekte" in extra for extra in rows["extra"].to_pylist() if extra)


def test_a_real_extract_that_is_cut_is_refused(shared_data: Path, tmp_path: Path) -> None:
    name = "er_underenheter_koblet_2024-01.csv.gz"
    whole = (shared_data / "norway" / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInputError, match="a truncated one"):
        _read(tmp_path / name)


def test_a_real_extract_in_another_encoding_is_refused(shared_data: Path, tmp_path: Path) -> None:
    name = "er_underenheter_koblet_2024-01.csv.gz"
    text = gzip.decompress((shared_data / "norway" / name).read_bytes()).decode()
    (tmp_path / name).write_bytes(gzip.compress(text.encode("latin-1", "replace")))
    with pytest.raises(BadInputError, match=r"UTF-8 text, got byte 0x.., .*byte \d+ of the unpacked text"):
        _read(tmp_path / name)


def test_the_tenor_file_is_refused_by_its_name_and_by_its_layout(shared_data: Path, tmp_path: Path) -> None:
    tenor = shared_data / "norway" / "tenor_syntetiske_virksomheter.jsonl.gz"
    with pytest.raises(BadInputError, match="Tenor"):
        detect(tenor)
    (tmp_path / "enheter.jsonl.gz").write_bytes(tenor.read_bytes())
    with pytest.raises(BadInputError, match="the layout of Tenor"):
        _read(tmp_path / "enheter.jsonl.gz")


class _Examples:
    """Payloads from an OpenAPI schema: every property, each with its example; optional ones may be left out."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self._schemas = schemas

    def of(self, name: str, *, required_only: bool = False) -> Any:
        return self._made(self._schemas[name], required_only)

    def _made(self, schema: dict[str, Any], required_only: bool) -> Any:
        if "$ref" in schema:
            return self._made(self._schemas[schema["$ref"].rpartition("/")[2]], required_only)
        if "properties" in schema:
            kept = schema.get("required", []) if required_only else schema["properties"]
            return {key: self._made(schema["properties"][key], required_only) for key in kept}
        if "enum" in schema:
            return schema["enum"][0]
        if "example" in schema:
            return schema["example"]
        if schema.get("type") == "array":
            return [self._made(schema.get("items", {}), required_only)]
        return {"boolean": False, "number": 1, "integer": 1, "object": {}}.get(schema.get("type", "string"), "tekst")


@pytest.fixture(scope="module")
def examples(shared_data: Path) -> _Examples:
    path = shared_data / "norway" / "skjema" / "enhetsregisteret_openapi_2.0.0.json"
    return _Examples(json.loads(path.read_text(encoding="utf-8"))["components"]["schemas"])


@pytest.mark.parametrize("required_only", [False, True])
@pytest.mark.parametrize(
    ("schema", "kind", "form"),
    [
        ("Enhet", SourceKind.ENTERPRISES, "ASA"),
        ("SlettetEnhet", SourceKind.ENTERPRISES, "ASA"),
        ("Underenhet", SourceKind.ESTABLISHMENTS, "BEDR"),
        ("SlettetUnderenhet", SourceKind.ESTABLISHMENTS, "BEDR"),
    ],
)
def test_payloads_of_the_published_schema_are_rows(
    examples: _Examples, tmp_path: Path, schema: str, kind: SourceKind, form: str, required_only: bool
) -> None:
    # The schema's own numbers are dummies whose check digit does not hold, and one of its forms belongs elsewhere.
    unit = examples.of(schema, required_only=required_only)
    parent = {"overordnetEnhet": organisation_number(0, "2")} if "overordnetEnhet" in unit else {}
    units = [
        unit | parent | {"organisasjonsnummer": number, "organisasjonsform": {"kode": form}} for number in numbers(3)
    ]
    for payload in (units, units[0], {"_embedded": {str(kind): units}, "_links": {}, "page": {}}):
        (batch,) = READERS[kind](write_json(tmp_path / f"{kind}.json", payload), known_on=date(2026, 1, 1))
        assert (batch.quarantined, batch.read) == ((), batch.rows.num_rows)
        assert set(batch.rows["status"].to_pylist()) == {"deleted" if schema.startswith("Slettet") else "living"}


@pytest.mark.parametrize(
    ("schema", "kind"), [("Enheter", SourceKind.ENTERPRISES), ("Underenheter", SourceKind.ESTABLISHMENTS)]
)
def test_a_page_of_the_published_schema_as_it_stands_does_not_crash(
    examples: _Examples, tmp_path: Path, schema: str, kind: SourceKind
) -> None:
    (batch,) = READERS[kind](write_json(tmp_path / f"{kind}.json", examples.of(schema)), known_on=date(2026, 1, 1))
    assert batch.read == batch.rows.num_rows + len(batch.quarantined) == 1
