"""The generated pages are what the code says."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from docs import generate
from gateway.codes.symbology import SYMBOLOGIES, Options
from gateway.config import ENVIRONMENT, SETTINGS, Settings, parse_file, read_settings
from gateway.jobs import TRANSITIONS, Event, JobState, State
from gateway.templates.document import parse_template, template_schema


@pytest.mark.parametrize("page", generate.PAGES)
def test_the_page_is_what_the_code_says(page: str) -> None:
    written = (generate.FOLDER / page).read_text("utf-8")
    assert written == generate.PAGES[page](), "run: make docs"


def test_a_stale_page_is_found_and_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    written = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert written == set(generate.PAGES)
    (tmp_path / "label-states.md").write_text("something else")
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().err == "Not up to date: label-states.md; run make docs.\n"


def test_every_state_event_and_step_stands_on_the_page() -> None:
    page = generate.label_states()
    for state in (*State, *JobState):
        assert f"| `{state.value}` |" in page
    rows = [line for line in page.splitlines() if line.startswith("    ") and "-->" in line]
    assert len(rows) == len(TRANSITIONS) + 2
    assert all(generate.comments_of(State)[state.name] for state in State)
    assert {event for _, event in TRANSITIONS} == set(Event)


def test_every_bar_code_and_option_stands_on_its_page_with_its_size() -> None:
    page = (generate.FOLDER / "codes.md").read_text("utf-8")
    for symbology in SYMBOLOGIES.values():
        assert f"| `{symbology.name}` | {symbology.title} | " in page
    for option in fields(Options):
        assert f"| `{option.name}` | " in page
    assert "| `B12345C` | 87 | 10 left, 10 right |  |" in page
    assert "| `(01)09501101530003` | 96 | none | 33 |" in page


def test_the_page_of_templates_has_a_valid_one_and_every_key_with_what_it_is() -> None:
    page = (generate.FOLDER / "templates.md").read_text("utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", page, re.S)
    assert parse_template(example).elements[0].id == "code"
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]*) \|$", page, re.M)
    assert [key for key, meaning in rows if not meaning.strip()] == []
    for part in template_schema()["$defs"].values():
        assert set(part["properties"]) - {"type"} <= {key for key, _ in rows}


def test_every_command_stands_on_its_page() -> None:
    page = generate.cli()
    for name in ("run", "print", "jobs answer", "printers add", "templates save", "keys make"):
        assert re.search(rf"^###? {name}$", page, re.M), name
    assert "| `--timeout TIME` | stop waiting after this: 5m |" in page


def test_the_page_of_settings_names_every_key_and_variable() -> None:
    page = (generate.FOLDER / "settings.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.S)
    lines = [line.removeprefix("# ") if " = " in line else line for line in example.splitlines()]
    assert {line.partition(" = ")[0] for line in lines if " = " in line} == set(SETTINGS)
    for variable in (*ENVIRONMENT, "GATEWAY_CONFIG", "GATEWAY_LOG", "GATEWAY_URL", "GATEWAY_KEY"):
        assert f"`{variable}`" in page


def test_the_values_of_the_example_are_the_standard_ones_or_right(tmp_path: Path) -> None:
    page = (generate.FOLDER / "settings.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.S)
    lines = [line.removeprefix("# ") for line in example.splitlines() if "tls_" not in line]
    values = parse_file("\n".join(lines), tmp_path / "gateway.toml")
    standard = Settings(tmp_path, tmp_path / "gateway.db")
    theirs = {"data_dir", "allowed_hosts", "allowed_origins", "time_zone"}
    assert {k: v for k, v in values.items() if k not in theirs} == {
        k: getattr(standard, k) for k in values if k not in theirs
    }


def test_the_example_of_the_settings_is_read_as_it_stands(tmp_path: Path) -> None:
    page = (generate.FOLDER / "settings.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.S)
    standard = Settings(tmp_path, tmp_path / "gateway.db")
    file = tmp_path / "gateway.toml"
    file.write_text(example)
    assert read_settings({"GATEWAY_DATA_DIR": str(tmp_path)}) == replace(standard, source=file)


def test_every_link_between_the_pages_leads_somewhere() -> None:
    root = generate.FOLDER.parent
    for page in (root / "README.md", *generate.FOLDER.glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
