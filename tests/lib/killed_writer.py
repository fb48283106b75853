"""A process that writes plans until it is killed: `python -m tests.lib.killed_writer URL NAME [inside]`.

It prints the id of a plan once its transaction is over. With `inside` it prints within the first transaction, when
everything is written and nothing is committed, and waits there for its end.
"""

from __future__ import annotations

import hashlib
import sys
import time
from itertools import count

from targeting.ledger import EventKind, open_ledger, record_event, record_plan
from tests.lib.ledger_story import event, plan

SLOTS = 20


def say(identifier: str) -> None:
    sys.stdout.write(identifier + "\n")
    sys.stdout.flush()


def main(url: str, name: str, inside: bool) -> None:
    ledger = open_ledger(url)
    for turn in count():
        identifier = hashlib.sha256(f"{name} {turn}".encode()).hexdigest()
        with ledger.write() as connection:
            record_plan(connection, event(EventKind.DRAFTED, name, plan=identifier), plan(identifier, slots=SLOTS))
            record_event(connection, event(EventKind.PROPOSED, name, plan=identifier))
            if inside:
                say(identifier)
                time.sleep(60)
        say(identifier)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], "inside" in sys.argv[3:])
