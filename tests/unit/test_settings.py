"""What the environment may set, under the names the platform gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from targeting.settings import Settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        for variable in (f"TARGETING_{name}".upper(), name.upper(), f"{name.upper()}_FILE"):
            monkeypatch.delenv(variable, raising=False)


def test_the_platforms_names_make_the_address_of_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {
        "DB_HOST": "db.example",
        "DB_PORT": "5433",
        "DB_DATABASE": "targeting",
        "DB_USERNAME": "user@app",
        "DB_PASSWORD": "p/w:d",
        "DB_SSLMODE": "verify-full",
        "DB_SSLROOTCERT": "/etc/ca.pem",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert Settings().ledger == (
        "postgresql+psycopg://user%40app:p%2Fw%3Ad@db.example:5433/targeting"
        "?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem"
    )
    monkeypatch.setenv("TARGETING_LEDGER_URL", "sqlite:///elsewhere.db")
    assert Settings().ledger == "sqlite:///elsewhere.db"


def test_an_entra_tenant_is_an_issuer_and_an_issuer_by_url_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().issuer == ""
    monkeypatch.setenv("TENANT_ID", "t-1")
    monkeypatch.setenv("CLIENT_ID", "c-1")
    monkeypatch.setenv("SCOPE", "openid api://c-1/.default")
    monkeypatch.setenv("PORT", "8080")
    settings = Settings()
    assert settings.issuer == "https://login.microsoftonline.com/t-1/v2.0"
    assert (settings.client_id, settings.scope, settings.port) == ("c-1", "openid api://c-1/.default", 8080)
    monkeypatch.setenv("TARGETING_OIDC_ISSUER", "https://issuer.example")
    assert Settings().issuer == "https://issuer.example"


@pytest.mark.parametrize(
    ("variable", "field"),
    [
        ("DB_PASSWORD", "db_password"),
        ("CLIENT_SECRET", "client_secret"),
        ("TARGETING_SESSION_SECRET", "session_secret"),
        ("TARGETING_LEDGER_URL", "ledger_url"),
    ],
)
def test_a_secret_comes_from_the_environment_or_a_file_and_is_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, field: str
) -> None:
    (tmp_path / "secret").write_text("hush hush\n")
    monkeypatch.setenv(f"{variable}_FILE", str(tmp_path / "secret"))
    settings = Settings()
    assert getattr(settings, field).get_secret_value() == "hush hush"
    assert "hush" not in repr(settings)
    monkeypatch.setenv(variable, "from the environment")
    assert getattr(Settings(), field).get_secret_value() == "from the environment"


def test_an_unset_variable_of_the_platform_is_not_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("DB_HOST", "DB_PORT", "TENANT_ID", "TARGETING_OIDC_ISSUER", "PORT", "TARGETING_ROLES"):
        monkeypatch.setenv(variable, "")
    settings = Settings()
    assert (settings.ledger, settings.issuer, settings.port) == ("sqlite:///var/ledger.db", "", 8000)


def test_settings_do_not_change_and_a_wrong_one_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1
    monkeypatch.setenv("TARGETING_SESSION_HOURS", "hush")
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert "hush" not in str(refused.value)
