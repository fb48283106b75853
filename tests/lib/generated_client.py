"""A client generated from the service's own OpenAPI document: one function an operation, and nothing known beside it.

It refuses what the document does not offer, and an answer that is not as the document says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jsonschema_rs
from starlette.testclient import TestClient

__all__ = ["GeneratedClient", "Given"]

_JSON = "application/json"


class Given(NamedTuple):
    """An answer: its status, headers, and body (JSON as plain values, anything else as bytes)."""

    status: int
    headers: Mapping[str, str]
    body: Any


class _Operation(NamedTuple):
    method: str
    path: str
    about: Mapping[str, Any]


class GeneratedClient:
    """`client.propose_plan(plan=..., body={...}, **{"If-Match": ..., "Idempotency-Key": ...})`."""

    def __init__(self, http: TestClient, token: str) -> None:
        self._http = http
        self._token = token
        self.document = http.get("/openapi/v1.json").json()
        found = [
            (about["operationId"], _Operation(method, path, about))
            for path, methods in self.document["paths"].items()
            for method, about in methods.items()
        ]
        self.operations = dict(found)
        assert len(self.operations) == len(found), "two operations of one name"

    def __getattr__(self, name: str) -> Callable[..., Given]:
        operation = self.operations[name]
        return lambda **given: self._call(operation, given)

    def _call(self, operation: _Operation, given: dict[str, Any]) -> Given:
        body, media_type = given.pop("body", None), given.pop("media_type", _JSON)
        path, query, headers = operation.path, {}, {"Authorization": f"Bearer {self._token}"}
        for parameter in operation.about.get("parameters", ()):
            name = parameter["name"]
            if name not in given:
                assert not parameter["required"], f"{name} is required"
                continue
            value = given.pop(name)
            if parameter["in"] == "path":
                path = path.replace(f"{{{name}}}", str(value))
            elif parameter["in"] == "query":
                query[name] = value
            else:
                headers[name] = str(value)
        assert not given, f"the document knows no {sorted(given)}"
        wanted = operation.about.get("requestBody")
        assert (body is None) is (wanted is None)
        if wanted is not None:
            assert media_type in wanted["content"]
            headers["Content-Type"] = media_type
        sent = {"json": body} if media_type == _JSON else {"content": body}
        answer = self._http.request(operation.method, path, params=query, headers=headers, **sent)
        return self._checked(operation, answer)

    def _checked(self, operation: _Operation, answer: Any) -> Given:
        documented = operation.about["responses"]
        assert str(answer.status_code) in documented, (operation, answer.status_code, answer.text)
        media_type = answer.headers["content-type"].partition(";")[0]
        content = documented[str(answer.status_code)]["content"]
        assert media_type in content, (operation.path, media_type)
        if not media_type.endswith("json"):
            return Given(answer.status_code, answer.headers, answer.content)
        schema = {**content[media_type]["schema"], "components": self.document["components"]}
        jsonschema_rs.validate(schema, answer.json())
        return Given(answer.status_code, answer.headers, answer.json())
