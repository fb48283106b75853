"""JSON read element by element from a stream of text: memory stays flat, whatever the size of the array."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

from targeting.domain import BadInputError
from targeting.sources.reading import shown
from targeting.sources.text_stream import text_chunks

__all__ = ["Element", "json_elements", "parsed"]

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_LARGEST: Final = 1 << 26
# A token that the end of the buffer cuts (`tru`, `\u00e`, `-Infini`) is reported at most this far from the end.
_TOKEN: Final = 16
# Values that show their own end.
_CLOSED: Final = (dict, list, str)


class _Flawed(dict[str, object]):
    """A JSON object that the standard allows to parse but no reader can trust."""

    flaw: str


class Element(NamedTuple):
    """One value of a stream, counted from 1, with the text it was read from (empty when that is not at hand).

    `flaw` says what is wrong with a value that parsed but has no one meaning (a key twice in an object, NaN).
    """

    number: int
    value: object
    text: str
    flaw: str | None


class Parsed(NamedTuple):
    """A parsed JSON text and its flaw, as in `Element`."""

    value: object
    flaw: str | None


class _Decoder:
    """The standard decoder, with an eye on repeated keys: the last would win in silence."""

    def __init__(self) -> None:
        self.flaws = 0
        self._constant: str | None = None
        # The standard library's decoder and not orjson: only this one shows repeated keys and can start mid-text.
        self._json = json.JSONDecoder(object_pairs_hook=self._object, parse_constant=self._note_constant)

    def raw_decode(self, text: str, position: int) -> tuple[object, int]:
        self.flaws = 0
        self._constant = None
        value, end = self._json.raw_decode(text, position)
        return value, end

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        result = dict(pairs)
        if len(result) == len(pairs) and self._constant is None:
            return result
        return self._flawed(pairs, result)

    def _flawed(self, pairs: list[tuple[str, object]], result: dict[str, object]) -> _Flawed:
        self.flaws += 1
        flawed = _Flawed(result)
        seen: set[str] = set()
        repeated = next((key for key, _ in pairs if key in seen or seen.add(key)), "")  # type: ignore[func-returns-value]
        flawed.flaw = f"the key {shown(repeated)} twice" if self._constant is None else f"the number {self._constant}"
        self._constant = None
        return flawed

    def _note_constant(self, name: str) -> None:
        self._constant = name


def parsed(text: str) -> Parsed:
    """One JSON text, whole. Raises `ValueError` when it is not JSON.

    >>> parsed('{"a": 1, "a": 2}').flaw, parsed('{"a": 1}').flaw
    ("the key 'a' twice", None)
    """
    decoder = _Decoder()
    text = text.strip(" \t\n\r")
    try:
        value, end = decoder.raw_decode(text, 0)
    except RecursionError as cause:
        raise ValueError("nested too deeply") from cause
    if end != len(text):
        raise ValueError("more text after the value")
    return Parsed(value, _flaw_in(value) if decoder.flaws else None)


def json_elements(path: Path, embedded: str) -> Iterator[Element]:
    """The objects of a register file, one at a time.

    Read are: a JSON array (the bulk file), objects one after another (a single unit, or JSON lines), and HAL pages,
    whose objects stand under `_embedded.<embedded>`. Raises `BadInputError` for anything else, for text after the
    end, and for a file cut short: always with the position.
    """
    scanner = _Scanner(path.name, text_chunks(path))
    match scanner.peek():
        case "[":
            yield from _array(scanner)
        case "{":
            yield from _objects(scanner, embedded)
        case _:
            scanner.fail("a JSON array or object", "something else")


def _array(scanner: _Scanner) -> Iterator[Element]:
    scanner.skip()
    number = 0
    closed = scanner.peek() == "]"
    while not closed:
        number += 1
        yield scanner.element(number)
        if scanner.peek() not in (",", "]"):
            scanner.fail(
                "a comma or the end of the array", "something else" if scanner.peek() else "the end of the file"
            )
        closed = scanner.peek() == "]"
        if not closed:
            scanner.skip()
    scanner.skip()
    if scanner.peek():
        scanner.fail("the end of the file after the array", "more text")


def _objects(scanner: _Scanner, embedded: str) -> Iterator[Element]:
    number = 0
    while following := scanner.peek():
        if following != "{":
            scanner.fail("an object or the end of the file", "more text")
        element = scanner.element(number + 1)
        units = _embedded(element.value, embedded, scanner)
        for unit in [element] if units is None else units:
            number += 1
            yield unit._replace(number=number)


def _embedded(page: object, embedded: str, scanner: _Scanner) -> list[Element] | None:
    """The elements of a HAL page; null when `page` is not one. An empty page has no `_embedded` at all."""
    if not isinstance(page, dict) or not ("_embedded" in page or ("page" in page and "_links" in page)):
        return None
    holder = page.get("_embedded", {embedded: []})
    units = holder.get(embedded) if isinstance(holder, dict) else None
    if isinstance(page, _Flawed) or isinstance(holder, _Flawed) or not isinstance(units, list):
        scanner.fail(f"a HAL page with one list _embedded.{embedded}", "a page without it")
    return [Element(0, unit, "", _flaw_in(unit)) for unit in units]


def _flaw_in(value: object) -> str | None:
    if isinstance(value, _Flawed):
        return value.flaw
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((flaw for item in inner if (flaw := _flaw_in(item))), None)


@dataclass
class _Scanner:
    """A window of text that slides over the stream; only one value at a time is held whole."""

    file: str
    chunks: Iterator[str]

    def __post_init__(self) -> None:
        self._decoder = _Decoder()
        self._buffer = ""
        self._at = 0
        self._passed = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is not a space, left where it is; empty at the end of the file."""
        while True:
            self._at = _SPACE.match(self._buffer, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if self._ended:
                return ""
            self._fill()

    def skip(self) -> None:
        """Step over the character that `peek` showed."""
        self._at += 1

    def element(self, number: int) -> Element:
        """The value that starts at the next character. Raises `BadInputError` when none can be read."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as cause:
                self._cut_or_broken(cause, number)
            except (RecursionError, ValueError) as cause:
                self.fail("JSON that can be read", f"element {number} nested or numbered beyond measure", cause)
            else:
                if self._ended or isinstance(value, _CLOSED) or end <= len(self._buffer) - _TOKEN:
                    break
                # A number may go on in the next chunk: `12`, `12.` and `12e` are then the start of `12e3`.
                self._fill(2 * (len(self._buffer) - self._at))
        text = self._buffer[self._at : end]
        self._at = end
        return Element(number, value, text, _flaw_in(value) if self._decoder.flaws else None)

    def fail(self, expected: str, got: str, cause: Exception | None = None) -> NoReturn:
        """Refuse the file. The text itself is never quoted: it may be anybody's name."""
        raise BadInputError(
            expected=expected,
            got=got,
            where=f"{self.file}, character {self._passed + self._at + 1} of the unpacked text",
            do="fetch the file again; nothing of it was stored",
        ) from cause

    def _cut_or_broken(self, cause: json.JSONDecodeError, number: int) -> None:
        """Read on when the value may only be cut by the end of the buffer, else refuse the file."""
        slack = 0 if self._ended else _TOKEN
        expected = f"element {number} whole"
        if not cause.msg.startswith("Unterminated string") and cause.pos < len(self._buffer) - slack:
            self._at = cause.pos
            self.fail(expected, "text that is not JSON", cause)
        if self._ended:
            self.fail(expected, "the end of the file", cause)
        held = len(self._buffer) - self._at
        if held > _LARGEST:
            self.fail(expected, f"more than {_LARGEST} characters without its end", cause)
        self._fill(2 * held)

    def _fill(self, least: int = 1) -> None:
        """Drop what is read and hold at least `least` characters, or the rest. Doubling keeps a long value linear."""
        parts = [self._buffer[self._at :]]
        length = len(parts[0])
        self._passed += self._at
        self._at = 0
        target = max(least, length + 1)
        while length < target and not self._ended:
            if (chunk := next(self.chunks, None)) is None:
                self._ended = True
            else:
                parts.append(chunk)
                length += len(chunk)
        self._buffer = "".join(parts)
