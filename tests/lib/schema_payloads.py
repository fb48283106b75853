"""Payloads made up from a JSON schema, the same on every machine: what a service may send, not what one did send."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

__all__ = ["Payloads"]

Schema = Mapping[str, Any]
Maker = Callable[[random.Random], Any]

_WORDS = ("Tema", "måling", "pålegg", "Sted nr. 2", "øvrig", "", "key, word")
_FIRST_DAY = date(2019, 1, 1)


@dataclass
class Payloads:
    """Draws values of `document`'s schemas. `made` gives, by property name, the values that text alone cannot tell.

    Optional properties are left out one time in four; what may be null is null one time in six.
    """

    document: Schema
    seed: int
    made: Mapping[str, Maker] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)

    def draw(self, schema: Schema) -> Any:
        """One value of `schema`."""
        schema = self._resolved(schema)
        kind = schema.get("type", "object")
        kinds = kind if isinstance(kind, list) else [kind]
        if "null" in kinds and self.rng.random() < 1 / 6:
            return None
        return self._of_kind(next(name for name in kinds if name != "null"), schema)

    def _of_kind(self, kind: str, schema: Schema) -> Any:
        if "enum" in schema:
            return self.rng.choice(schema["enum"])
        match kind:
            case "object":
                return self._object(schema)
            case "array":
                return [self.draw(schema["items"]) for _ in range(self.rng.randrange(4))]
            case "string":
                return self._text(schema.get("format"))
            case "boolean":
                return self.rng.random() < 0.5
            case "integer":
                return self.rng.randrange(-5, 5000)
            case _:
                return self.rng.choice((0, -1.5, self.rng.randrange(10**9)))

    def _object(self, schema: Schema) -> dict[str, Any]:
        result = {}
        for name, inner in schema.get("properties", {}).items():
            if name in self.made:
                result[name] = self.made[name](self.rng)
            elif name in schema.get("required", ()) or self.rng.random() > 1 / 4:
                result[name] = self.draw(inner)
        return result

    def _text(self, shape: str | None) -> str:
        day = (_FIRST_DAY + timedelta(days=self.rng.randrange(1500))).isoformat()
        if shape == "date":
            return day
        return f"{day}T09:30:00.0000000+02:00" if shape == "date-time" else self.rng.choice(_WORDS)

    def _resolved(self, schema: Schema) -> Schema:
        """A reference followed, whether it is a pointer (`#/a/b`) or, as TILDA writes, the `$id` of a definition."""
        if "$ref" not in schema:
            return schema
        target: Any = self.document
        path = schema["$ref"]
        for step in path.removeprefix("#/").split("/") if path.startswith("#/") else ("definitions", path):
            target = target[step]
        return self._resolved(target)
