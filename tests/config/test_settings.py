"""Settings: where they come from, and secrets that stay secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import BadSettings, Settings, load_settings


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
    with pytest.raises(BadSettings, match="excerpts") as caught:
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
