"""Arrow columns as JSON text, a column at a time: the bytes that orjson gives row by row, in a tenth of the time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from targeting.domain import BadInputError

__all__ = ["json_objects", "json_texts"]

_NULL: Final = "null"
_FIRST_PRINTABLE: Final = 0x20
_ESCAPED: Final = (ord('"'), ord("\\"))


def json_objects(columns: Mapping[str, pa.Array]) -> pa.Array:
    """One JSON object a row, its fields in the order of `columns`; the arrays are equally long and not none.

    >>> json_objects({"rank": pa.array([1, 2]), "name": pa.array(["Å", None])}).to_pylist()
    ['{"rank":1,"name":"Å"}', '{"rank":2,"name":null}']
    """
    parts: list[pa.Array | str] = []
    for name, values in columns.items():
        parts += [f"{',' if parts else '{'}{orjson.dumps(name).decode()}:", json_texts(values)]
    return pc.binary_join_element_wise(*parts, "}", "")


def json_texts(values: pa.Array) -> pa.Array:
    r"""Each value of `values` as JSON text; null as `null`, days as "YYYY-MM-DD".

    Raises `BadInputError` for a type that no published column has.

    >>> json_texts(pa.array([["a"], [], ['b"', "c"]])).to_pylist()
    ['["a"]', '[]', '["b\\"","c"]']
    """
    kind = values.type
    if pa.types.is_string(kind):
        return _strings(values)
    if pa.types.is_floating(kind):
        return _reals(values)
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return values.cast(pa.string()).fill_null(_NULL)
    if pa.types.is_date(kind):
        return pc.binary_join_element_wise('"', values.cast(pa.string()), '"', "").fill_null(_NULL)
    if pa.types.is_struct(kind):
        return json_objects({field.name: part for field, part in zip(kind, values.flatten(), strict=True)})
    if pa.types.is_list(kind):
        return _lists(values)
    raise BadInputError(expected="a type that published columns have", got=str(kind), where="json_texts")


def _strings(values: pa.Array) -> pa.Array:
    if _needs_escapes(values):
        found = values.dictionary_encode()
        texts = [orjson.dumps(one).decode() for one in found.dictionary.to_pylist()]
        quoted = pa.array(texts, pa.string()).take(found.indices)
    else:
        quoted = pc.binary_join_element_wise('"', values, '"', "")
    return quoted.fill_null(_NULL)


def _needs_escapes(values: pa.Array) -> bool:
    """Whether any text holds a quote, a backslash or a control character: looked up in all their bytes at once."""
    _, offsets, data = values.buffers()
    if data is None or not len(values):
        return False
    first, last = np.frombuffer(offsets, np.int32)[[values.offset, values.offset + len(values)]]
    text = np.frombuffer(data, np.uint8)[first:last]
    return bool((text < _FIRST_PRINTABLE).any() or any((text == one).any() for one in _ESCAPED))


def _reals(values: pa.Array) -> pa.Array:
    """The shortest text that reads back as the same number. Not Arrow's own: it writes exponents in another way."""
    if not len(values):
        return pa.array([], pa.string())
    numbers = values.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
    listed = orjson.dumps(np.ascontiguousarray(numbers), option=orjson.OPT_SERIALIZE_NUMPY)
    return pa.array(listed[1:-1].split(b","), pa.string())


def _lists(values: pa.Array) -> pa.Array:
    offsets = values.offsets.to_numpy(zero_copy_only=False)
    texts = pa.ListArray.from_arrays(pa.array(offsets - offsets[0], pa.int32()), json_texts(values.flatten()))
    return pc.binary_join_element_wise("[", pc.binary_join(texts, ","), "]", "")
