"""Screenshots for the documents: small enough to be committed."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import FloatRect, Page

__all__ = ["HEAVIEST", "keep_picture"]

HEAVIEST = 150_000
"""Bytes that a committed picture may have."""
_TALLEST = 1400


def keep_picture(page: Page, folder: Path, name: str) -> Path:
    """The page as it stands as `name`.webp, its lower end cut where it is very long."""
    width, height = page.evaluate("[document.documentElement.clientWidth, document.documentElement.scrollHeight]")
    upper: FloatRect = {"x": 0, "y": 0, "width": width, "height": min(height, _TALLEST)}
    shot = Image.open(io.BytesIO(page.screenshot(full_page=True, clip=upper)))
    path = folder / f"{name}.webp"
    shot.convert("RGB").save(path, "WEBP", quality=70, method=6)
    return path
