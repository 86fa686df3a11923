"""What an operator sets: environment variables, a .env file beside the program, a TOML file. Nothing is read at import."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

ENV_PREFIX = "CROSSCHECK_"
SECRETS_DIR = "CROSSCHECK_SECRETS_DIR"
LOOPBACK = "127.0.0.1"
# What changes no answer: secrets, and how a process goes about its own work.
OF_ITS_PROCESS = frozenset({
    "database_url", "discord_token", "embeddings_key", "threads", "contact", "keep_days", "keep_articles", "pictures", "visits_at_once",
    "asks_a_minute", "asks_of_user", "asks_of_channel", "asks_of_guild", "shards", "shard_ids", "service",
    "monitor", "log_level", "log_format",
    "secrets_dir", "backup_dir", "backup_recipient", "backups_kept", "backup_with_key", "backup_before_migration",
})  # fmt: skip


_ADDRESS = re.compile(r"(?:(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*):)?(?P<port>[0-9]{1,5})")
_RANGE = re.compile(r"(?P<first>[0-9]{1,5})(?:-(?P<last>[0-9]{1,5}))?")
_LISTS = frozenset({"intranet_hosts"})  # what the environment gives as JSON


class BadSettings(Exception):
    """A setting has a value that it cannot have; the message names the setting, never a secret's value."""


class Settings(BaseSettings):
    """Later sources give way to earlier ones: environment, files of CROSSCHECK_SECRETS_DIR, .env, crosscheck.toml in the working folder,
    the defaults here.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_file=".env", env_file_encoding="utf-8", toml_file="crosscheck.toml",
        extra="ignore", populate_by_name=True,
    )  # fmt: skip

    data_dir: Annotated[Path, Field(description="folder of database and index")] = Path(platformdirs.user_data_dir("crosscheck"))
    database_url: Annotated[
        SecretStr | None, Field(description="SQLAlchemy URL of the database; default: SQLite file crosscheck.db in the data folder")
    ] = None
    discord_token: Annotated[
        SecretStr | None, Field(validation_alias="DISCORD_TOKEN", description="token of the Discord bot; only `run` needs it")
    ] = None
    stance: Annotated[Literal["small", "large"], Field(description="stance model: large judges better, small takes less memory")] = "large"
    embedding_model: Annotated[str, Field(description="embedding model: a name from config/models.toml")] = "all-minilm-l6-v2"
    embeddings_url: Annotated[
        str, Field(description="a server of that model, asked at /v1/embeddings, as http://localhost:8080; default: the model runs here")
    ] = ""
    embeddings_key: Annotated[SecretStr | None, Field(description="what that server is shown as a bearer token")] = None
    threads: Annotated[int | None, Field(ge=1, le=256, description="processor threads of the models; default: all cores")] = None
    max_claims: Annotated[int, Field(ge=1, le=50, description="claims of one post that are checked")] = 12
    passages: Annotated[int, Field(ge=5, le=500, description="passages found for a claim")] = 50
    passages_per_article: Annotated[int, Field(ge=1, le=20, description="passages of one article among them")] = 3
    excerpts: Annotated[int, Field(ge=1, le=20, description="excerpts shown on each side")] = 5
    contact: Annotated[
        str, Field(max_length=200, description="an e-mail or web address that sites can reach you at: part of the User-Agent")
    ] = ""
    intranet_hosts: Annotated[
        list[str], Field(description='JSON list of host names that may have private addresses, as ["news.lan", "localhost:8000"]')
    ] = []
    keep_days: Annotated[int | None, Field(ge=1, description="articles older than this are forgotten; default: kept for ever")] = None
    keep_articles: Annotated[
        int | None, Field(ge=1, description="more articles than this are forgotten, oldest first; default: no limit")
    ] = None
    fetch_links: Annotated[
        bool, Field(description="articles that a post links to are fetched, where they are not stored, and compared with it")
    ] = True
    pictures: Annotated[bool, Field(description="answers in Discord may have pictures, where the server wants them")] = True
    visits_at_once: Annotated[int, Field(ge=1, le=64, description="news sources visited at the same time")] = 8
    asks_a_minute: Annotated[int, Field(ge=1, le=1000, description="times that one person may ask in a minute, in Discord")] = 6
    asks_of_user: Annotated[int, Field(ge=1, le=10_000, description="times that one person may ask in an hour")] = 40
    asks_of_channel: Annotated[int, Field(ge=1, le=100_000, description="times that may be asked in one channel in an hour")] = 150
    asks_of_guild: Annotated[int, Field(ge=1, le=1_000_000, description="times that may be asked in one server in an hour")] = 400
    shards: Annotated[int | None, Field(ge=1, description="shards of the gateway; default: as many as Discord recommends")] = None
    shard_ids: Annotated[
        str, Field(description='which of the shards this process serves, as "0-3,8"; with CROSSCHECK_SHARDS; default: all')
    ] = ""
    service: Annotated[bool, Field(description="`run` and `serve` answer commands, and `check`, `search`, `stance` ask them")] = True
    # Off until it is asked for: no port is opened unasked, and two processes of one machine would want the same.
    monitor: Annotated[
        str,
        Field(description="port of /metrics, /healthz, /readyz of `run`, `serve`, `ingest --watch`, as 9464 (this machine) or host:port"),
    ] = ""
    backup_dir: Annotated[Path | None, Field(description="folder of backups; default: backups in the data folder")] = None
    backup_recipient: Annotated[
        str,
        Field(description="age recipients, age1..., that backups are encrypted for; `db backup-key` makes a key; default: not encrypted"),
    ] = ""
    backups_kept: Annotated[
        int, Field(ge=1, description="backups that are kept of those by `db backup --automatic`, and before upgrades")
    ] = 7
    backup_with_key: Annotated[bool, Field(description="backups have pseudonym.key in them, without which hashes are nobody's")] = True
    backup_before_migration: Annotated[bool, Field(description="a store of an earlier version is backed up before it is upgraded")] = True
    secrets_dir: Annotated[
        Path | None,
        Field(description="folder of files named like these settings, as discord_token, with their values; only by environment"),
    ] = None
    log_level: Annotated[str, Field(description="DEBUG, INFO, WARNING or ERROR")] = "WARNING"
    log_format: Annotated[
        Literal["auto", "console", "json"], Field(description="log lines for people, or as JSON; auto: for people on a terminal")
    ] = "auto"

    @field_validator("contact")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if not value.isascii() or not (value.isprintable() or not value):
            raise ValueError("must be one line of plain characters")
        return value.strip()

    @field_validator("embeddings_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if value and (not value.startswith(("http://", "https://")) or "@" in value):
            raise ValueError("must begin with http:// or https:// and have no name or password in it")
        return value

    @field_validator("monitor")
    @classmethod
    def _listens_somewhere(cls, value: str) -> str:
        if value and listening_at(value) is None:
            raise ValueError('must be like "9464" or "127.0.0.1:9464" or "[::1]:9464"')
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @model_validator(mode="after")
    def _shards_there(self) -> Self:
        if self.shard_ids and (self.shards is None or not self.own_shards or max(self.own_shards) >= self.shards):
            raise ValueError('shard_ids: must be like "0-3,8", each less than shards, which must be set too')
        return self

    @property
    def own_shards(self) -> list[int]:
        """The shards of `shard_ids`; none where it is empty or cannot be read."""
        found: set[int] = set()
        for part in self.shard_ids.split(",") if self.shard_ids else ():
            match = _RANGE.fullmatch(part.strip())
            if match is None:
                return []
            found.update(range(int(match["first"]), int(match["last"] or match["first"]) + 1))
        return sorted(found)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        folder = os.environ.get(SECRETS_DIR)
        if folder and not os.path.isdir(folder):
            raise ValueError(f"{SECRETS_DIR} names {folder}, which is no folder")
        secrets = (SecretsSettingsSource(settings_cls, folder),) if folder else ()
        return init_settings, env_settings, *secrets, dotenv_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force. It may hold a password: never log or print it."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.data_dir / 'crosscheck.db').as_posix()}"

    @property
    def secrets(self) -> list[str]:
        """What no log may hold, wherever it comes from."""
        given = [secret.get_secret_value().strip() for secret in (self.discord_token, self.embeddings_key) if secret is not None]
        try:
            password = urlsplit(self.database).password
        except ValueError:  # no URL: what it is instead is said where it is opened
            password = None
        return [*given, *((password, unquote(password)) if password else ())]

    @property
    def monitor_address(self) -> tuple[str, int] | None:
        """(host, port) to listen at for those who watch the process; None: nowhere."""
        return listening_at(self.monitor)

    def answering(self) -> dict[str, object]:
        """All that an answer depends on: a process with the same may answer for another. The database's address is compared apart."""
        return {**self.model_dump(exclude=set(OF_ITS_PROCESS)), "data_dir": self.data_dir.resolve()}

    @property
    def pseudonym_key(self) -> Path:
        """The file of the key that user ids are hashed with."""
        return self.data_dir / "pseudonym.key"

    @property
    def backups(self) -> Path:
        """The folder of backups in force."""
        return self.backup_dir or self.data_dir / "backups"

    @property
    def index_dir(self) -> Path:
        return self.data_dir / "index"

    @classmethod
    def described(cls) -> list[tuple[str, str]]:
        """(environment variable, what it sets), in the order of the class."""
        return [
            (str(field.validation_alias or f"{ENV_PREFIX}{name.upper()}"), field.description or "")
            for name, field in cls.model_fields.items()
        ]


def listening_at(address: str) -> tuple[str, int] | None:
    """(host, port) of "host:port", "[::1]:port", or of a port alone, which is this machine's own; port 0 is any that is free."""
    match = _ADDRESS.fullmatch(address.strip())
    if match is None or int(match["port"]) > 65_535:
        return None
    return (match["host"] or LOOPBACK).strip("[]"), int(match["port"])


class _Given(Settings):
    """Settings of another process: nothing is read of this one's surroundings."""

    model_config = SettingsConfigDict(env_file=None, toml_file=None)

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_others: object, **_more: object
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        return (init_settings,)


def settings_of(given: Mapping[str, object]) -> Settings:
    """Settings from what given.py has read elsewhere. Raises BadSettings."""
    try:
        values = {name: json.loads(value) if name in _LISTS and isinstance(value, str) else value for name, value in given.items()}
        return _Given.model_validate(values)
    except ValidationError as error:
        raise _bad(error) from None
    except ValueError:
        raise BadSettings("A list among the settings is not JSON.") from None


def load_settings() -> Settings:
    """Read the settings in force. Raises BadSettings."""
    try:
        return Settings()
    except ValidationError as error:
        raise _bad(error) from None
    except OSError as error:
        file = f" ({os.path.abspath(error.filename)})" if error.filename else ""
        raise BadSettings(f"The settings cannot be read: {error.strerror}{file}.") from None
    except ValueError as error:  # a malformed TOML or .env file
        raise BadSettings(f"The settings cannot be read: {error}") from None


def _bad(error: ValidationError) -> BadSettings:
    lines = [f"{_variable(item['loc'])}: {item['msg']}" for item in error.errors(include_input=False, include_url=False)]
    return BadSettings("A setting is not usable. " + "; ".join(lines))


def _variable(place: tuple[int | str, ...]) -> str:
    """What the environment calls the setting that an error is of."""
    first, *more = map(str, place) if place else ("settings",)
    field = Settings.model_fields.get(first)
    name = str(field.validation_alias or f"{ENV_PREFIX}{first.upper()}") if field else first
    return ".".join([name, *more])
