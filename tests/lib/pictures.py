"""Screenshots for the documents: small enough to be committed."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

__all__ = ["HEAVIEST", "keep_picture"]

HEAVIEST = 150_000
"""Bytes that a committed picture may have."""
_TALLEST = 1400


def keep_picture(page: Page, folder: Path, name: str) -> Path:
    """The page as it stands as `name`.webp, its lower end cut where it is very long."""
    shot = Image.open(io.BytesIO(page.screenshot(full_page=True)))
    path = folder / f"{name}.webp"
    shot.crop((0, 0, shot.width, min(shot.height, _TALLEST))).convert("RGB").save(path, "WEBP", quality=70, method=6)
    return path
