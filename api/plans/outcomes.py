"""A filled-in export comes back: what was accepted goes into the ledger, the file is kept as it came."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from api.plans.finding import find_plan
from targeting.domain import Target
from targeting.feedback.outcomes import Upload, check_answers_told, read_upload
from targeting.planning.kept_files import OUTCOMES, plan_folder, upload_name
from targeting.planning.life import By, LivePlan, Replacement, live_plan, record
from targeting.published.flushing import keep_file

__all__ = ["Recorded", "record_upload"]


class Recorded(NamedTuple):
    """The plan afterwards, what the file held, and who stepped in for whom could not be inspected."""

    plan: LivePlan
    upload: Upload
    replaced: tuple[Replacement, ...]


def record_upload(
    connection: sa.Connection, by: By, home: Path, plan: str, file: Path, kind: str, sha256: str
) -> Recorded:
    """Record the outcomes in `file` (`kind`: csv or xlsx); they become known on the day of the upload.

    Rows that cannot be read are told of and leave the others as they are. A file without one row that was filled in is
    no act. Raises `BadInputError` when it is no export of the plan, `NotAllowedError` when the plan takes none now.
    """
    live = find_plan(connection, by.person, plan)
    content, name = file.read_bytes(), upload_name(sha256, kind)
    upload = read_upload(content, name, live, by.at.date())
    if not upload.accepted:
        return Recorded(live, upload, ())
    check_answers_told(Target(live.record.target), upload.accepted)
    found = [one.outcome for one in upload.accepted]
    replaced = record(connection, by, plan, found, {"name": name, "sha256": sha256})
    keep_file(plan_folder(home, plan) / OUTCOMES / name, content)
    return Recorded(live_plan(connection, plan), upload, replaced)
