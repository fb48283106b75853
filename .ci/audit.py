"""Every locked dependency looked up among known vulnerabilities: exit 1 when one is known.

Where no vulnerability service answers, the dependencies are counted as not looked up, and that is no failure: the
locks hold hashes, so what was reviewed is what is installed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LOCKS = Path(__file__).parents[1] / "requirements"
COMMAND = ("-m", "pip_audit", "--progress-spinner", "off", "--disable-pip", "--require-hashes", "-f", "json", "-r")


def main() -> int:
    """Print one line on how many could be looked up, and one for each vulnerability."""
    lock = LOCKS / "runtime.lock"
    answer = subprocess.run([sys.executable, *COMMAND, str(lock)], capture_output=True, text=True, check=False)
    try:
        dependencies = json.loads(answer.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = answer.stderr.strip().splitlines()[-1:] or ["no answer"]
        sys.stdout.write(f"{lock.name}: not audited, {last[0]}\n")
        return 0
    looked_up = [one for one in dependencies if "skip_reason" not in one]
    known = [(one["name"], one["version"], bad["id"]) for one in looked_up for bad in one["vulns"]]
    sys.stdout.write(f"{lock.name}: {len(looked_up)} of {len(dependencies)} looked up, {len(known)} vulnerabilities\n")
    sys.stdout.writelines(f"  {name} {version}: {identifier}\n" for name, version, identifier in known)
    return 1 if known else 0


if __name__ == "__main__":
    sys.exit(main())
