"""What both databases can keep alike: PostgreSQL refuses what SQLite swallows, so it is refused before either."""

from __future__ import annotations

from targeting.domain import BadInputError

__all__ = ["check_storable", "is_storable"]


def is_storable(text: str, size: int | None = None) -> bool:
    """Whether `text` is Unicode without NUL, of at most `size` characters.

    >>> is_storable("Ærlig"), is_storable("a" + chr(0)), is_storable(chr(0xD800)), is_storable("abc", 2)
    (True, False, False, False)
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text and (size is None or len(text) <= size)


def check_storable(text: str, where: str, size: int | None = None) -> None:
    """Raise `BadInputError` naming `where` when `text` could not be kept as it is."""
    if not is_storable(text, size):
        most = f" of at most {size} characters" if size else ""
        raise BadInputError(
            expected=f"text{most}, without control character 0 or half a surrogate pair",
            got=f"{len(text)} characters",
            where=where,
        )
