"""Settings: where they come from, and secrets that stay secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.given import database_name, given_settings, unknown_names
from config.settings import BadSettings, Settings, load_settings, settings_of


def test_the_environment_goes_before_dotenv_before_toml_before_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("crosscheck.toml").write_text("passages = 21\nexcerpts = 3\nmax_claims = 4\n", encoding="utf-8")
    Path(".env").write_text("CROSSCHECK_PASSAGES=22\nCROSSCHECK_EXCERPTS=4\n", encoding="utf-8")
    monkeypatch.setenv("CROSSCHECK_PASSAGES", "23")
    settings = load_settings()
    assert (settings.passages, settings.excerpts, settings.max_claims, settings.passages_per_article) == (23, 4, 4, 3)


def test_secrets_hide_in_every_printed_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "s3cr3t-token")
    monkeypatch.setenv("CROSSCHECK_DATABASE_URL", "postgresql://me:hunter2@db.example/x")
    settings = load_settings()
    assert settings.discord_token is not None
    assert settings.discord_token.get_secret_value() == "s3cr3t-token"
    assert settings.database == "postgresql://me:hunter2@db.example/x"
    for printed in (repr(settings), str(settings), f"{settings.model_dump()}", settings.model_dump_json()):
        assert "s3cr3t" not in printed
        assert "hunter2" not in printed


def test_a_bad_value_is_named_but_never_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSCHECK_EXCERPTS", "hunter2")
    with pytest.raises(BadSettings, match="CROSSCHECK_EXCERPTS") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_every_setting_is_described() -> None:
    described = Settings.described()
    assert len(described) == len(Settings.model_fields)
    assert all(meaning for _, meaning in described)
    assert {"CROSSCHECK_DATA_DIR", "DISCORD_TOKEN"} <= {variable for variable, _ in described}


def test_the_database_lies_in_the_data_folder_unless_told_otherwise(tmp_path: Path) -> None:
    assert load_settings().database == f"sqlite:///{tmp_path / 'data' / 'crosscheck.db'}"
    assert load_settings().index_dir == tmp_path / "data" / "index"


def test_secrets_come_from_files_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "discord_token").write_text("from-a-file\n")
    (folder / "crosscheck_database_url").write_text("postgresql+psycopg://me:hunter2@db.example/x\n")
    (folder / "crosscheck_passages").write_text("31\n")
    (folder / "crosscheck_excerpts").write_text("7\n")
    Path(".env").write_text("CROSSCHECK_PASSAGES=22\n", encoding="utf-8")
    monkeypatch.setenv("CROSSCHECK_SECRETS_DIR", str(folder))
    monkeypatch.setenv("CROSSCHECK_EXCERPTS", "4")
    settings = load_settings()
    assert settings.discord_token is not None
    assert settings.discord_token.get_secret_value() == "from-a-file"
    assert settings.database == "postgresql+psycopg://me:hunter2@db.example/x"
    assert (settings.passages, settings.excerpts) == (31, 4)  # before .env, after the environment
    assert "hunter2" not in repr(settings)
    given = given_settings()  # what a running service is asked with is the same
    assert given["database"] == database_name("postgresql+psycopg://me:hunter2@db.example/x")
    assert not given.keys() & {"discord_token", "database_url"}
    assert settings_of({name: value for name, value in given.items() if name != "database"}).answering() == settings.answering()


def test_a_folder_of_secrets_that_is_none_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSCHECK_SECRETS_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(BadSettings, match="is no folder"):
        load_settings()


def test_names_that_are_no_settings_are_found_wherever_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("crosscheck.toml").write_text("passages = 21\npasages = 3\n", encoding="utf-8")
    Path(".env").write_text("CROSSCHECK_STANSE=small\nOTHER=1\nDISCORD_TOKEN=x\nCROSSCHECK_STANCE=small\n", encoding="utf-8")
    monkeypatch.setenv("CROSSCHECK_BACKUP_RECIPENT", "age1x")
    known = {variable.lower().removeprefix("crosscheck_") for variable, _ in Settings.described()}
    found = [one for one in unknown_names(known) if "TEST" not in one[0]]
    assert found == [
        ("CROSSCHECK_BACKUP_RECIPENT", "the environment"), ("CROSSCHECK_STANSE", ".env"), ("pasages", "crosscheck.toml"),
    ]  # fmt: skip
