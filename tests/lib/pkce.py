"""PKCE at the test issuer: oidc-provider-mock takes a challenge and never asks for its verifier, so this stands before
it, keeps every token request, and refuses one whose verifier is not that of the code.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

__all__ = ["Pkce", "s256"]

Answering = Callable[..., Any]
Application = Callable[[dict[str, Any], Answering], Iterable[bytes]]


def s256(verifier: str) -> str:
    """The challenge of a verifier (RFC 7636, method S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


class Pkce:
    """WSGI middleware. `token_requests` are the forms that came for tokens, `refused` how many had no good verifier."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner
        self._challenges: dict[str, str] = {}
        self.token_requests: list[dict[str, str]] = []
        self.refused = 0

    def __call__(self, environ: dict[str, Any], answer: Answering) -> Iterable[bytes]:
        if environ["PATH_INFO"].endswith("/oauth2/authorize"):
            return self._inner(environ, self._noting(parse_qs(environ["QUERY_STRING"]), answer))
        if environ["PATH_INFO"].endswith("/oauth2/token"):
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            self.token_requests.append(form)
            if self._challenges.get(form.get("code", "")) != s256(form.get("code_verifier", "")):
                self.refused += 1
                answer("400 Bad Request", [("Content-Type", "application/json")])
                return [json.dumps({"error": "invalid_grant"}).encode()]
            environ["wsgi.input"] = io.BytesIO(body)
        return self._inner(environ, answer)

    def _noting(self, asked: dict[str, list[str]], answer: Answering) -> Answering:
        """Remember which challenge the code that is sent back belongs to."""

        def noted(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            location = next((value for name, value in headers if name.lower() == "location"), "")
            for code in parse_qs(urlsplit(location).query).get("code", ()):
                self._challenges[code] = "".join(asked.get("code_challenge", ["none"]))
            return answer(status, headers, *more)

        return noted
