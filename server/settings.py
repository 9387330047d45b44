"""What can be set from outside, by environment variables; everything has a default that is safe on one machine."""

import os
import secrets
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from auth.demands import FactorPolicy
from outbox.post import SmtpServer

SHORTEST_SECRET = 32
PREFIX = "PORTICO_"


class LogFormat(StrEnum):
    """How log lines are written."""

    TEXT = "text"
    JSON = "json"


class SettingsRefused(ValueError):
    """A setting that cannot be used; the message names the variable, never its value."""


def _customary(name: str) -> AliasChoices:
    """A setting that platforms give without our prefix; with the prefix it wins."""
    return AliasChoices(PREFIX + name, name)


def _data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".local/share") / "portico"


class Settings(BaseSettings):
    """All settings of a process. Times are in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, populate_by_name=True, frozen=True, hide_input_in_errors=True
    )

    database_url: str | None = Field(default=None, validation_alias=_customary("DATABASE_URL"))
    """PostgreSQL 15 or later; without it the embedded one runs in `data_dir`."""
    data_dir: Path = Field(default_factory=_data_dir, validation_alias=PREFIX + "HOME")
    host: str = Field(default="127.0.0.1", validation_alias=_customary("HOST"))
    port: int = Field(default=8000, ge=0, le=65535, validation_alias=_customary("PORT"))
    workers: int = Field(default=1, ge=1, le=64)

    public_origin: str | None = None
    """Where browsers reach the service, as https://portal.example.com; by default at host and port."""
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Further origins whose pages may call the service, separated by commas."""
    trusted_proxies: str = "127.0.0.1"
    """Whose X-Forwarded-For and -Proto are believed, separated by commas."""
    graphiql: bool = False
    introspection: bool = True
    """Whether the schema tells about itself; it is public either way, as schema.graphql."""

    secret: SecretStr | None = None
    """Signs cursors; see signing_key()."""
    metrics_token: SecretStr | None = None
    """The bearer token that /metrics asks for; without it only this machine may read them."""
    session_lifetime: int = Field(default=14 * 24 * 3600, ge=300)
    lease_seconds: float = Field(default=3.0, ge=0.5, le=60)
    """For how long a process may send after it last proved that it hears of changes of rights."""

    require_second_factor: FactorPolicy = FactorPolicy.OFF
    """Who must have a second factor: off, staff (those who may change what others may do) or everyone."""

    smtp_url: SecretStr | None = None
    """The mail server: smtp://user:password@host:port, or with smtp+starttls or smtps."""
    mail_from: str = "Portico <portico@localhost>"
    """Whom mails are from, as Name <address>."""
    mailbox: bool = False
    """Whether mails are kept, to be read by anybody at /mailbox, instead of being sent. For demonstrations."""
    worker_inside: bool = False
    """Whether the serving process does the worker's tasks as well."""

    compiled: bool = True
    """Whether queries are answered by compiled statements; without it every one is executed field by field."""
    trusted_documents_only: bool = False
    """Whether browsers may send nothing but the names of the portal's own documents."""
    pool_size: int = Field(default=10, ge=1)
    pool_overflow: int = Field(default=10, ge=0)
    embedded_max_connections: int = Field(default=200, ge=20, le=10_000)

    log_format: LogFormat = LogFormat.TEXT
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, given: str | None) -> str | None:
        """Accept what platforms hand out (postgres://), and name the driver."""
        if given is None:
            return None
        try:
            url = make_url(given.replace("postgres://", "postgresql://", 1))
        except ArgumentError:
            raise ValueError("is not a database URL") from None
        if url.get_backend_name() != "postgresql":
            raise ValueError("must be a PostgreSQL URL")
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, given: Any) -> Any:
        return tuple(part.strip() for part in given.split(",") if part.strip()) if isinstance(given, str) else given

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_origin(one) for one in given)

    @field_validator("public_origin")
    @classmethod
    def _is_origin(cls, given: str | None) -> str | None:
        return given and _origin(given)

    @field_validator("secret", "metrics_token")
    @classmethod
    def _is_long(cls, given: SecretStr | None) -> SecretStr | None:
        if given and len(given.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"must have at least {SHORTEST_SECRET} characters")
        return given

    @field_validator("smtp_url")
    @classmethod
    def _is_mail_server(cls, given: SecretStr | None) -> SecretStr | None:
        if given:
            SmtpServer.at(given.get_secret_value())
        return given

    @field_validator("mail_from")
    @classmethod
    def _is_sender(cls, given: str) -> str:
        if "@" not in parseaddr(given)[1] or not given.isprintable():
            raise ValueError("must be like Portico <portal@example.com>")
        return given

    @model_validator(mode="after")
    def _anchor(self) -> Self:
        """Absolute, since workers may be started elsewhere."""
        object.__setattr__(self, "data_dir", self.data_dir.expanduser().absolute())
        return self

    @property
    def origin(self) -> str:
        """Where browsers reach the service."""
        return self.public_origin or f"http://{self.host}:{self.port}"

    def signing_key(self) -> bytes:
        """The secret given, or one made at the first start and kept in `data_dir` for its owner alone."""
        return self.secret.get_secret_value().encode() if self.secret else _kept_secret(self.data_dir / "secret")


def _origin(given: str) -> str:
    parts = urlsplit(given)
    origin = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in {"http", "https"} or not parts.netloc or given.rstrip("/") != origin:
        raise ValueError("must be an origin such as https://portal.example.com, without a path")
    return origin


def _kept_secret(path: Path) -> bytes:
    path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        _write_private(draft, secrets.token_urlsafe(48))
        # Linking fails if another process was first, and then its secret holds.
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()


def _write_private(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def load_settings(**defaults: Any) -> Settings:
    """Read the environment; `defaults` hold only for what it leaves open."""
    try:
        given = Settings()
        return Settings(**(defaults | {name: getattr(given, name) for name in given.model_fields_set}))
    except ValidationError as error:
        raise SettingsRefused("\n".join(_explained(one["loc"], one["msg"]) for one in error.errors())) from None


def _explained(location: tuple[int | str, ...], message: str) -> str:
    field = str(location[0])
    name = field if field.isupper() else PREFIX + field.upper()
    return f"SETTING_INVALID: {name} {message.removeprefix('Value error, ')}"
