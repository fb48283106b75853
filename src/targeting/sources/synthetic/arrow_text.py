"""Text built by the column: every line of a file is one joined Arrow string, with no Python loop over units."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from targeting.sources.synthetic.arrays import Flags, Ints

__all__ = [
    "Texts",
    "choice",
    "days",
    "flags",
    "joined",
    "json_array",
    "numbers",
    "pick",
    "text_bytes",
    "when",
    "write_text",
]

Texts: TypeAlias = pa.Array
_LEVEL: Final = 2


def numbers(values: npt.NDArray[np.integer]) -> Texts:
    """Integers in plain digits.

    >>> numbers(np.array([12, -3])).to_pylist()
    ['12', '-3']
    """
    return pa.array(values.astype(np.int64)).cast(pa.string())


def days(values: Ints) -> Texts:
    """Days as YYYY-MM-DD.

    >>> days(np.array([16800])).to_pylist()
    ['2015-12-31']
    """
    return pa.array(values.astype(np.int32)).cast(pa.date32()).cast(pa.string())


def flags(values: Flags) -> Texts:
    """`true` or `false`."""
    return choice(values, "true", "false")


def pick(words: Sequence[str], places: npt.NDArray[np.integer]) -> Texts:
    """The word at each place."""
    return pa.array(words, pa.string()).take(pa.array(places.astype(np.int64)))


def choice(condition: Flags, yes: str | Texts, no: str | Texts) -> Texts:
    """`yes` where the condition holds, else `no`."""
    return pc.if_else(pa.array(condition), yes, no)


def when(condition: Flags, *parts: str | Texts) -> Texts:
    """The joined parts where the condition holds, else nothing."""
    return choice(condition, joined(*parts) if len(parts) > 1 else parts[0], "")


def joined(*parts: str | Texts) -> Texts:
    """The parts of each line, one after another; a plain string is the same on every line."""
    return pc.binary_join_element_wise(*parts, "")


def text_bytes(lines: Texts) -> bytes:
    r"""All lines one after another, as they lie in memory.

    >>> text_bytes(pa.array(["ab\n", "", "æ\n"])).decode()
    'ab\næ\n'
    """
    offsets = np.frombuffer(lines.buffers()[1], np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return memoryview(lines.buffers()[2])[int(offsets[0]) : int(offsets[-1])].tobytes() if len(lines) else b""


def write_text(path: Path, blocks: Iterable[bytes]) -> None:
    """Write the blocks, gzipped when the name ends in .gz; no name and no time in the header, so that bytes repeat."""
    with path.open("wb") as raw:
        if path.suffix != ".gz":
            raw.writelines(blocks)
            return
        with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=_LEVEL, mtime=0) as packed:
            for block in blocks:
                packed.write(block)


def json_array(blocks: Iterator[bytes]) -> Iterator[bytes]:
    r"""Blocks of lines ending in `,\n` as one JSON array.

    >>> b"".join(json_array(iter([b"1,\n2,\n", b"3,\n"])))
    b'[\n1,\n2,\n3\n]\n'
    """
    yield b"[\n"
    held = b""
    for block in blocks:
        if held:
            yield held
        held = block
    yield held.removesuffix(b",\n") + b"\n]\n"
