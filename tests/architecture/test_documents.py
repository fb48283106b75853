"""Every document leads somewhere: a link or image of a Markdown page that is no address is a file that is here."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?[^)]*\)")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:|//|#")


def _documents(repository: Path) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.md"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for line in listed.stdout.splitlines() if (path := repository / line).is_file()]


def _dead_links(documents: list[Path]) -> Iterator[str]:
    for document in documents:
        for link in _LINK.findall(_CODE.sub("", document.read_text("utf-8"))):
            if not _ADDRESS.match(link) and not (document.parent / unquote(link.partition("#")[0])).exists():
                yield f"{document.name}: {link}"


def test_every_link_and_image_leads_to_a_file(repository: Path) -> None:
    documents = _documents(repository)

    assert {"README.md", "planners.md"} <= {one.name for one in documents}
    assert list(_dead_links(documents)) == []


def test_a_dead_link_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[a](gone.md#part) ![b](page.md) [c](https://example.org/gone) `[d](gone.md)`\n", "utf-8")

    assert list(_dead_links([page])) == ["page.md: gone.md#part"]
