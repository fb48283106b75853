"""What the environment may set, parsed once into one frozen object. Only `pipelines` and `api` read it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

__all__ = ["Settings"]

_SECRETS: Final = (
    "CLIENT_SECRET",
    "DB_PASSWORD",
    "TARGETING_LEDGER_URL",
    "TARGETING_SESSION_SECRET",
    "TARGETING_WEBHOOK_URL",
)
"""Each may come from a file: the variable `<NAME>_FILE` says which."""


def _platform(name: str) -> AliasChoices:
    """The variable as the Authority's platform names it, without our prefix."""
    return AliasChoices(name)


class Settings(BaseSettings):
    """One field per variable: `TARGETING_<NAME>`, or the platform's own name where it has one.

    Building it reads the environment and the secret files it names, and touches nothing else. Empty variables count
    as not set: a platform often sets all of them.

    >>> Settings(home=Path("var"), ledger_url="", db_host="").ledger
    'sqlite:///var/ledger.db'
    >>> Settings(ledger_url="", db_host="db", db_database="t", db_username="u", db_password="p@", db_sslmode="").ledger
    'postgresql+psycopg://u:p%40@db:5432/t'
    """

    model_config = SettingsConfigDict(
        env_prefix="TARGETING_",
        frozen=True,
        populate_by_name=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
        extra="ignore",
    )

    home: Path = Field(default=Path("var"), description="where all state lives")
    port: int = Field(default=8000, validation_alias=_platform("PORT"), description="8080 on the platform")
    base_url: str = Field(default="", description="the address people use, https://...; needed with an issuer")

    ledger_url: SecretStr = Field(default=SecretStr(""), description="where the ledger is; wins over DB_*")
    db_host: str = Field(default="", validation_alias=_platform("DB_HOST"))
    db_port: int = Field(default=5432, validation_alias=_platform("DB_PORT"))
    db_database: str = Field(default="", validation_alias=_platform("DB_DATABASE"))
    db_username: str = Field(default="", validation_alias=_platform("DB_USERNAME"))
    db_password: SecretStr = Field(default=SecretStr(""), validation_alias=_platform("DB_PASSWORD"))
    db_sslmode: str = Field(default="", validation_alias=_platform("DB_SSLMODE"))
    db_sslrootcert: str = Field(default="", validation_alias=_platform("DB_SSLROOTCERT"))
    db_sslcert: str = Field(default="", validation_alias=_platform("DB_SSLCERT"))
    db_sslkey: str = Field(default="", validation_alias=_platform("DB_SSLKEY"))

    oidc_issuer: str = Field(default="", description="URL of who vouches for people; or set TENANT_ID for Entra")
    tenant_id: str = Field(default="", validation_alias=_platform("TENANT_ID"))
    client_id: str = Field(default="", validation_alias=_platform("CLIENT_ID"))
    client_secret: SecretStr = Field(default=SecretStr(""), validation_alias=_platform("CLIENT_SECRET"))
    scope: str = Field(default="openid profile", validation_alias=_platform("SCOPE"), description="asked at login")
    audience: str = Field(default="", description="whom bearer tokens must be for; CLIENT_ID without it")
    name_claim: str = Field(default="preferred_username", description="names the person in the ledger: one each")
    roles_claim: str = Field(default="roles", description="roles or groups; dots lead into nested claims")
    roles: Mapping[str, str] = Field(default={}, description='JSON: {"<role or group in the claim>": "planner"}')
    clock_skew_seconds: int = Field(default=60, ge=0, le=300)

    maskinporten_issuer: str = Field(default="", description="URL of who vouches for machines")
    maskinporten_audience: str = Field(default="", description="what their tokens must be for, if they say")
    scope_roles: Mapping[str, str] = Field(default={}, description='JSON: {"<scope>": "planner"}')

    session_secret: SecretStr = Field(default=SecretStr(""), description="signs sessions: 32 characters or more")
    session_hours: int = Field(default=8, ge=1, le=24)
    dangerous_development_login: bool = Field(
        default=False,
        description="anybody who can reach the service may be anybody; refused where an issuer is set",
    )

    requests_per_minute: int = Field(default=600, ge=1, description="per person, in the long run")
    requests_at_once: int = Field(default=120, ge=1, description="per person, after a pause")
    max_body_bytes: int = Field(default=1_000_000, ge=1, description="of any request but an upload")
    webhook_url: SecretStr = Field(default=SecretStr(""), description="told of a quarterly run that is not green")
    webhook_seconds: float = Field(default=10.0, gt=0, le=60, description="how long it may take to answer, each try")
    mirror_url: str = Field(default="", description="fsspec URL of the copy of store and published runs")
    otel_endpoint: str = Field(
        default="", validation_alias=_platform("OTEL_EXPORTER_OTLP_ENDPOINT"), description="where metrics go"
    )

    @property
    def issuer(self) -> str:
        """The issuer of people's tokens, empty where none is set."""
        entra = f"https://login.microsoftonline.com/{self.tenant_id}/v2.0" if self.tenant_id else ""
        return self.oidc_issuer or entra

    @property
    def ledger(self) -> str:
        """Where the ledger is: by URL, by the platform's variables, or a file under `home`."""
        if self.ledger_url.get_secret_value():
            return self.ledger_url.get_secret_value()
        return self._postgresql() if self.db_host else f"sqlite:///{self.home / 'ledger.db'}"

    def _postgresql(self) -> str:
        user, word = quote(self.db_username, safe=""), quote(self.db_password.get_secret_value(), safe="")
        files = {name: getattr(self, f"db_{name}") for name in ("sslmode", "sslrootcert", "sslcert", "sslkey")}
        query = urlencode({name: value for name, value in files.items() if value})
        address = f"postgresql+psycopg://{user}:{word}@{self.db_host}:{self.db_port}/{self.db_database}"
        return f"{address}?{query}" if query else address

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the files it names; no `.env` file is looked for."""
        return init_settings, env_settings, _SecretFiles(settings_cls)


class _SecretFiles(EnvSettingsSource):
    """The same variables, read from the files that `<NAME>_FILE` names."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        named = {name: os.environ.get(f"{name}_FILE") for name in _SECRETS}
        return {name.lower(): Path(file).read_text("utf-8").strip() for name, file in named.items() if file}
