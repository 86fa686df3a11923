"""Exit codes, and the sentence on stderr that goes with each."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import App
from db.engine import NEWEST
from retrieval.errors import ModelError
from tests.bot.conftest import BRIDGE, NEWS, CommandLine, record
from tests.standins.databases import of_sqlite
from tests.standins.models import HashEmbedder, WordStance
from tests.standins.processes import finish

HARMLESS = "The council spoke about the bridge for an hour, and then it voted."


def _is_a_sentence(text: str) -> bool:
    return text.strip() != "" and "Traceback" not in text and text.strip()[-1] in ".!?)"


@pytest.mark.parametrize(
    "text", ["", "   \n ", "🎉🎉🎉", "a " * 2001, "x" * 4001, "<@123456> https://a.example/", "?!", "\u200b\u202e\U000e0041", "lol"]
)
@pytest.mark.parametrize("way", ["text", "file"])
def test_what_cannot_be_checked_is_told_in_a_sentence_and_changes_nothing(line: CommandLine, tmp_path: Path, text: str, way: str) -> None:
    before = line.dump()
    (tmp_path / "post.txt").write_text(text * (6 if len(text) > 4000 else 1), encoding="utf-8")
    result = line("check", *([text] if way == "text" else ["--file", str(tmp_path / "post.txt")]))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert _is_a_sentence(result.stderr)
    assert line.dump() == before


@pytest.mark.parametrize("text", ["", "🎉"])
def test_what_cannot_be_searched_for_is_told_in_a_sentence(line: CommandLine, text: str) -> None:
    result = line("search", text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert _is_a_sentence(result.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"], ["check", "a", "--file", "b"], ["nonsense"], ["check", "--nonsense", "x"], ["search", "x", "-k", "0"],
        ["search", "x", "-k", "none"], ["ingest"], ["search"],
    ],
)  # fmt: skip
def test_a_wrong_use_exits_with_2_and_says_so_on_stderr(bare: CommandLine, arguments: list[str]) -> None:
    result = bare(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage" in result.stderr
    assert not bare.data.exists()


def test_a_post_that_cannot_be_read_is_named(bare: CommandLine, tmp_path: Path) -> None:
    result = bare("check", "--file", str(tmp_path / "none.txt"))
    assert result.exit_code == 2
    assert "none.txt: cannot be read" in result.stderr


def test_a_post_of_bytes_that_are_no_text_is_told_in_a_sentence(bare: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "post.txt").write_bytes(b"\xff\xfe\x00\x80" * 50)
    result = bare("check", "--file", str(tmp_path / "post.txt"))
    assert result.exit_code == 2
    assert _is_a_sentence(result.stderr)


def test_an_ingest_without_failures_exits_with_0_and_sums_up_on_stderr(bare: CommandLine) -> None:
    first = bare.ingest(NEWS)
    assert (first.exit_code, first.stdout) == (0, "")
    assert "Articles: 4 new, 0 revised, 0 unchanged; 4 passages stored." in first.stderr
    again = bare.ingest([NEWS[0], NEWS[1] | {"text": HARMLESS}])
    assert "Articles: 0 new, 1 revised, 1 unchanged; 1 passages stored." in again.stderr


def test_an_ingest_names_each_failed_item_on_stderr_and_stores_the_rest(bare: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "data.jsonl"
    bare.ingest([])
    file.write_text(
        "\n".join(['{"url": "', '{"url": "https://a.example/", "title": "t", "source": "s", "text": "short"}']), encoding="utf-8"
    )
    (tmp_path / "good.jsonl").write_text(f'{{"url": "https://b.example/", "source": "s", "text": "{HARMLESS}"}}', encoding="utf-8")
    result = bare("ingest", str(file), str(tmp_path / "none"), str(tmp_path / "good.jsonl"))
    assert result.exit_code == 1
    for named in (f"{file}, line 1: ", f"{file}, line 2: ", f"{tmp_path / 'none'}: "):
        assert named in result.stderr
    assert "1 new, 0 revised, 0 unchanged, 3 failed" in result.stderr
    assert len(bare.dump()["article"]) == 1


@of_sqlite
@pytest.mark.parametrize("command", [["check", BRIDGE], ["search", BRIDGE], ["ingest", "x.jsonl"], ["db", "upgrade"], ["sources", "list"]])
def test_a_file_that_is_no_database_exits_with_69_and_stays(bare: CommandLine, command: list[str]) -> None:
    bare.data.mkdir()
    (bare.data / "crosscheck.db").write_bytes(b"not a database " * 500)
    result = bare(*command)
    assert (result.exit_code, result.stdout) == (69, "")
    assert "damaged" in result.stderr
    assert (bare.data / "crosscheck.db").read_bytes() == b"not a database " * 500


def test_a_newer_database_exits_with_69(line: CommandLine) -> None:
    from tests.standins.store import Store

    with Store(line.data) as store:
        store.run("UPDATE alembic_version SET version_num = 'zzzz'")
    result = line("check", BRIDGE)
    assert result.exit_code == 69
    assert "newer Crosscheck" in result.stderr


@of_sqlite
def test_a_data_folder_that_cannot_be_made_exits_with_69(bare: CommandLine) -> None:
    bare.data.write_text("a file where the folder should be")
    result = bare("check", BRIDGE)
    assert result.exit_code == 69
    assert "data folder cannot be used" in result.stderr


def test_a_model_that_fails_exits_with_69_and_saves_no_check(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object, given: object) -> None:
        raise ModelError("The model x is not the file it should be. Install Crosscheck again.")

    before = line.dump()
    monkeypatch.setattr(WordStance, "judge", refuse)
    result = line("check", BRIDGE)
    assert (result.exit_code, result.stdout) == (69, "")
    assert result.stderr == "The model x is not the file it should be. Install Crosscheck again.\n"
    monkeypatch.setattr(HashEmbedder, "embed", refuse)
    assert line.ingest([record("new", "s", HARMLESS)]).exit_code == 69
    assert line.dump() == before


@pytest.mark.parametrize(
    ("variable", "value"), [("CROSSCHECK_LOG_LEVEL", "LOUD"), ("CROSSCHECK_PASSAGES", "many"), ("CROSSCHECK_THREADS", "0")]
)
def test_a_setting_that_cannot_be_is_named_without_its_value(
    bare: CommandLine, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    result = bare("check", BRIDGE)
    assert result.exit_code == 69
    assert variable in result.stderr
    assert "many" not in result.stderr


def test_a_settings_file_that_is_broken_is_told_in_a_sentence(bare: CommandLine) -> None:
    Path("crosscheck.toml").write_text("passages = = 3", encoding="utf-8")
    result = bare("check", BRIDGE)
    assert result.exit_code == 69
    assert "settings cannot be read" in result.stderr


def test_a_settings_file_is_heeded(line: CommandLine) -> None:
    Path("crosscheck.toml").write_text("max_claims = 1", encoding="utf-8")
    assert len(line.lines("check", "--file", "-", "--json", given=f"{BRIDGE} A young giraffe was born at the zoo on Sunday.")) == 1


@pytest.mark.parametrize("command", ["run", "invite"])
@pytest.mark.parametrize(("token", "says"), [("", "DISCORD_TOKEN is not set."), ("s3cr3t", "DISCORD_TOKEN is not a bot's token")])
def test_without_a_token_it_says_so_and_loads_nothing(
    bare: CommandLine, monkeypatch: pytest.MonkeyPatch, command: str, token: str, says: str
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", token)
    monkeypatch.setattr(App, "warm_up", lambda self: pytest.fail("the models were loaded first"))
    result = bare(command)
    assert result.exit_code == 2
    assert _is_a_sentence(result.stderr)
    assert result.stderr.startswith(says) and "s3cr3t" not in result.stderr


def test_the_invite_asks_for_little(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "MTIzNDU2Nzg5MDEyMzQ1Njc4.secret.secret")
    server, person = (line.split()[-1] for line in bare("invite").stdout.splitlines())
    assert (
        server
        == "https://discord.com/oauth2/authorize?client_id=123456789012345678&scope=bot+applications.commands&permissions=274877975552"
    )
    assert person.endswith("scope=applications.commands&integration_type=1")


def test_index_and_sources_are_told_in_words(line: CommandLine) -> None:
    assert "4 passages in the database, 4 in the dense index, 4 in the lexical index." in line("index", "status").stdout
    assert "The index holds 4 passages." in line("index", "rebuild").stdout
    assert [row.split(maxsplit=1) for row in line("sources", "list").stdout.splitlines()] == [
        ["1", "Harwick Echo"], ["2", "Oren Post"], ["1", "Valley News"],
    ]  # fmt: skip
    assert f"The database is at schema {NEWEST}." in line("db", "upgrade").stdout


def test_a_check_is_saved_with_the_words_it_showed(line: CommandLine) -> None:
    from tests.standins.store import Store

    (found,) = line.lines("check", BRIDGE, "--json")
    with Store(line.data) as store:
        (check,) = store.column('SELECT id FROM "check"')
        shown = [each["text"] for side in (found["agreeing"], found["contradicting"]) if isinstance(side, list) for each in side]
        assert store.checks.quoted(check) == shown


def test_the_demo_runs_on_the_bundled_sample_and_touches_only_its_folder(bare: CommandLine) -> None:
    result = bare("demo")
    assert result.exit_code == 0, result.output
    assert "What to do next" in result.stdout
    assert Path(".demo/crosscheck.db").exists()
    assert not bare.data.exists()


# Real processes: what only they can show.


def test_help_lists_the_commands_without_loading_anything_heavy() -> None:
    listed = finish("bot", "--help")
    assert listed.returncode == 0
    for command in ("check", "ingest", "search", "stance", "run", "doctor", "demo", "index", "db", "sources"):
        assert f"  {command} " in listed.stdout
    heavy = {"torch", "sqlalchemy", "sentence_transformers", "tantivy", "usearch", "numpy", "alembic", "trafilatura"}
    loaded = finish("tests.standins.loaded", "bot.cli")
    assert heavy.isdisjoint(loaded.stdout.split())


def test_a_real_process_has_the_same_exits_and_says_the_same() -> None:
    both = finish("bot", "check", "a", "--file", "b")
    assert (both.returncode, both.stdout) == (2, "")
    assert "Usage" in both.stderr
    unknown = finish("bot", "index", "status", CROSSCHECK_EMBEDDING_MODEL="no-such-model")
    assert (unknown.returncode, unknown.stdout) == (69, "")
    assert "No embedding model is named 'no-such-model'" in unknown.stderr
    assert "Traceback" not in both.stderr + unknown.stderr


@pytest.mark.slow
def test_a_real_process_with_the_real_models_refuses_what_is_no_claim() -> None:
    for text in ("", "🎉", "x" * 4001):
        refused = finish("bot", "check", text)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert _is_a_sentence(refused.stderr)


def test_doctor_says_what_is_missing_and_tells_no_secret() -> None:
    told = finish(
        "bot",
        "doctor",
        DISCORD_TOKEN="s3cr3t-token",
        CROSSCHECK_DATABASE_URL="postgresql+nodriver://me:hunter2@db.example/x",
        CROSSCHECK_LOG_LEVEL="DEBUG",
    )
    assert told.returncode == 69
    assert "missing  database: The database address cannot be used" in told.stdout
    assert "Discord token: set" in told.stdout
    for variable in ("CROSSCHECK_DATA_DIR", "CROSSCHECK_DATABASE_URL", "DISCORD_TOKEN", "CROSSCHECK_STANCE"):
        assert variable in told.stdout
    assert "s3cr3t" not in told.stdout + told.stderr
    assert "hunter2" not in told.stdout + told.stderr
    assert "Traceback" not in told.stderr


def test_the_history_of_an_article_shows_what_went_and_came(line: CommandLine) -> None:
    old = next(record for record in NEWS if record["source"] == "Oren Post")
    line.ingest([{**old, "text": str(old["text"]).replace("12 to 5", "11 to 6")}])
    result = line("history", str(old["url"]))
    assert result.exit_code == 0, result.output
    assert "Revision 1" in result.stdout
    assert "Revision 2" in result.stdout
    assert "- The council of Harwick voted 12 to 5 to close the old bridge." in result.stdout
    assert "+ The council of Harwick voted 11 to 6 to close the old bridge." in result.stdout
    assert "Nobody spoke for long" not in result.stdout
    assert line("history", "https://nowhere.example/x").exit_code == 2


@pytest.mark.parametrize("command", [("db", "backup"), ("db", "verify"), ("doctor",), ("check", BRIDGE)])
def test_an_address_that_is_none_is_told_by_every_command(
    bare: CommandLine, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSCHECK_DATABASE_URL", "nonsense")
    result = bare(*command)
    assert result.exit_code == 69
    assert "The database address cannot be used" in result.output


def test_doctor_names_what_is_no_setting(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSCHECK_STANSE", "small")
    assert "unknown  CROSSCHECK_STANSE in the environment: no setting is called so; CROSSCHECK_STANCE?" in line("doctor").stdout


def test_the_version_is_printed(bare: CommandLine) -> None:
    result = bare("--version")
    assert (result.exit_code, result.stdout.startswith("crosscheck ")) == (0, True)
