"""The command line as a newcomer uses it: a process of its own with its own TARGETING_HOME."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["run_pipelines"]

_REPOSITORY = Path(__file__).resolve().parents[2]


def run_pipelines(home: Path, *arguments: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
    """`python -m pipelines ARGUMENTS` with its state in `home`; output is captured, the exit code is not checked."""
    environment = {**os.environ, "TARGETING_HOME": str(home), "OMP_WAIT_POLICY": "PASSIVE"}
    return subprocess.run(
        [sys.executable, "-m", "pipelines", *arguments],
        cwd=_REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
