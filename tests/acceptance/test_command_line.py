"""Exit codes and help texts: what a scheduler and a newcomer see."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lib.command_line import run_pipelines

_COMMANDS = ("synthetic", "ingest", "train", "evaluate", "score", "rank", "plan", "dial", "areas", "demo", "serve")


@pytest.mark.parametrize("command", _COMMANDS)
def test_help_explains_each_command_with_an_example(tmp_path: Path, command: str) -> None:
    answer = run_pipelines(tmp_path, command, "--help")

    assert answer.returncode == 0
    assert f"python -m pipelines {command}" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["rank", "bht_use"], 2, "published"),
        (["rank", "no_such_target"], 2, "bht_use"),
        (["score", "--as-of", "tomorrow"], 2, "YYYY-MM-DD"),
        (["ingest", "no-such-file.json.gz"], 2, "no-such-file"),
        (["train"], 2, ""),
        (["synthetic"], 2, "--out"),
    ],
)
def test_wrong_use_exits_2_and_says_what_was_expected(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    answer = run_pipelines(tmp_path, *arguments)

    assert answer.returncode == code, answer.stderr
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
