"""What whoever answers an enterprise types, from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipelines.answerable import app
from targeting.ledger import Asked, open_ledger, trail_of, url_of, verify
from tests.lib.published_run import publish
from tests.lib.small_country import number, small_country, store_of


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TARGETING_HOME", str(tmp_path))
    store_of(small_country(5, 12), tmp_path)
    publish(tmp_path, as_of=date(2027, 1, 1))
    yield tmp_path


def typed(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


UNIT = number(1001)


def test_correct_and_then_answer_in_both_formats(home: Path) -> None:
    done = typed("correct", UNIT, "--field", "name", "--value", "RETT AS", "--source", "letter 2", "--by", "kari")
    assert done.exit_code == 0, done.output
    assert "is now 'RETT AS'" in done.output

    text = typed("access-request", UNIT, "--by", "kari")
    assert text.exit_code == 0, text.output
    assert text.output.startswith(f"Innsyn for {UNIT}")
    assert "RETT AS" in text.output

    told = json.loads(typed("access-request", UNIT, "--by", "kari", "--format", "json").output)
    assert told["complete"] is True
    assert told["corrections"][0]["value"] == "RETT AS"
    assert [one["purpose"]["en"] for one in told["seen"]] == ["access request answered", "data corrected"]
    with closing(open_ledger(url_of(home))) as ledger:
        assert verify(ledger) == ()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("access-request", "12345", "--by", "kari"), 2, "organisation number"),
        (("access-request", UNIT, "--by", "kari", "--format", "xml"), 2, "text, json"),
        (("access-request", UNIT, "--by", " "), 2, "name of who acts"),
        (("correct", UNIT, "--field", "name", "--value", "X", "--source", " ", "--by", "kari"), 1, "ground"),
        (("correct", UNIT, "--field", "nam", "--value", "X", "--source", "y", "--by", "kari"), 2, "nam"),
        (
            ("correct", UNIT, "--field", "name", "--value", "X", "--source", "y", "--by", "k", "--of", "z"),
            2,
            "NAME=VALUE",
        ),
        (("correct", number(9999), "--field", "name", "--value", "X", "--source", "y", "--by", "kari"), 2, "a unit"),
    ],
)
def test_wrong_use_says_what_was_expected_and_records_nothing(
    home: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    done = typed(*arguments)
    assert (done.exit_code, says in done.output) == (code, True), done.output
    with closing(open_ledger(url_of(home))) as ledger, ledger.read() as connection:
        assert trail_of(connection, Asked()).events == ()


def test_the_committed_description_is_checked_and_published(home: Path, tmp_path: Path) -> None:
    assert typed("describe", "--check").exit_code == 0
    assert typed("describe", "--out", str(tmp_path / "public")).exit_code == 2  # nothing serves in this home yet
