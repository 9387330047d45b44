"""Settings come from the environment, are refused by name, and keep their secrets."""

import os
import stat
from pathlib import Path

import pytest

from server.settings import SettingsRefused, load_settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [
        name for name in os.environ if name.startswith("PORTICO_") or name in {"DATABASE_URL", "PORT", "HOST"}
    ]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def test_defaults_are_for_one_machine(tmp_path: Path) -> None:
    settings = load_settings()
    assert (settings.database_url, settings.data_dir) == (None, tmp_path / "portico")
    assert (settings.origin, settings.graphiql, settings.workers) == ("http://127.0.0.1:8000", False, 1)


def test_the_environment_wins_over_a_command_s_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("PORTICO_HOME", "/srv/portico")
    settings = load_settings(port=1, data_dir=Path("/elsewhere"), graphiql=True)
    assert (settings.port, settings.data_dir, settings.graphiql) == (9000, Path("/srv/portico"), True)


def test_our_own_name_wins_over_the_platform_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("PORTICO_PORT", "9001")
    assert load_settings().port == 9001


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_any_spelling_of_postgresql_is_taken(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{scheme}://me:pass%40word@db/portico")
    assert load_settings().database_url == "postgresql+psycopg://me:pass%40word@db/portico"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "mysql://me:hidden@db/portico", "DATABASE_URL must be a PostgreSQL URL"),
        ("DATABASE_URL", "hidden", "DATABASE_URL is not a database URL"),
        ("PORTICO_SECRET", "hidden", "PORTICO_SECRET must have at least 32 characters"),
        ("PORTICO_PUBLIC_ORIGIN", "https://portal.example.com/hidden", "PORTICO_PUBLIC_ORIGIN must be an origin"),
        ("PORTICO_ALLOWED_ORIGINS", "https://a.example,b", "PORTICO_ALLOWED_ORIGINS must be an origin"),
        ("PORTICO_WORKERS", "none", "PORTICO_WORKERS Input should be a valid integer"),
    ],
)
def test_a_refusal_names_the_setting_and_hides_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsRefused) as refused:
        load_settings()
    assert said in str(refused.value)
    assert "hidden" not in str(refused.value)


def test_origins_are_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTICO_ALLOWED_ORIGINS", "https://a.example, https://b.example/")
    assert load_settings().allowed_origins == ("https://a.example", "https://b.example")


def test_a_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    kept = tmp_path / "portico" / "secret"
    first = load_settings().signing_key()
    assert first == load_settings().signing_key() == kept.read_bytes()
    assert len(first) >= 64
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_given_secret_is_used_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTICO_SECRET", "s" * 32)
    settings = load_settings()
    assert settings.signing_key() == b"s" * 32
    assert "ssss" not in repr(settings)
