"""The program as a whole: help, exit codes, a console that can show little, start and stop."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway import __version__
from gateway.cli import program
from gateway.cli.program import COMMANDS, make_parser, run_program
from gateway.cli.terminal import Progress, Terminal

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def parsers(parser: argparse.ArgumentParser, name: str = "") -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and all below it."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                yield from parsers(child)


def test_the_version_is_the_packages(command: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("--version").code == 0
    assert capsys.readouterr().out == f"label-gateway {__version__}\n"


def test_every_command_and_option_explains_itself() -> None:
    for parser in parsers(make_parser()):
        assert parser.description, parser.prog
        assert parser.allow_abbrev is False, parser.prog  # an abbreviation breaks with a new option
        for action in parser._actions:
            if action.option_strings:
                assert action.help, f"{parser.prog} {action.option_strings}"


def test_every_example_of_the_help_is_a_command_line_that_parses() -> None:
    found = 0
    for parser in parsers(make_parser()):
        for line in (parser.epilog or "").splitlines():
            if line.strip().startswith("label-gateway "):
                words = re.findall(r"'[^']*'|\S+", line.strip())[1:]
                make_parser().parse_args([word.strip("'") for word in words])
                found += 1
    assert found >= 15


def test_help_fits_a_terminal_and_any_code_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for parser in parsers(make_parser()):
        parser.format_help().encode("cp1252")


@pytest.mark.parametrize("arguments", [(), ("print",), ("nonsense",), ("jobs", "list", "--stat")])
def test_wrong_usage_is_exit_2(
    command: Run, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(*arguments).code == 2
    assert capsys.readouterr().err.startswith("usage: label-gateway")


def test_wrong_settings_are_exit_2_with_file_and_line(command: Run, tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_text('\nlistn = "x"\n')
    for arguments in (("run",), ("doctor",), ("printers", "list"), ("backup",)):
        ran = command(*arguments, "--data-dir", tmp_path)
        assert (ran.code, ran.out, ran.err) == (
            2,
            "",
            f"{tmp_path / 'gateway.toml'}:2: Unknown setting 'listn'; did you mean 'listen'?\n",
        )


def test_a_key_file_that_is_not_there_is_exit_2(command: Run) -> None:
    ran = command("printers", "list", "--url", "http://127.0.0.1:9", "--key-file", "/no/key")
    assert (ran.code, ran.err) == (
        2,
        "The key file /no/key cannot be read: [Errno 2] No such file or directory: '/no/key'.\n",
    )


def test_ctrl_c_is_what_a_shell_expects(monkeypatch: pytest.MonkeyPatch, command: Run) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("gateway.cli.doctor.examine", interrupted)
    assert command("doctor").code == 130


def test_a_fault_of_the_program_is_not_hidden(
    monkeypatch: pytest.MonkeyPatch, command: Run
) -> None:
    def broken(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("gateway.cli.doctor.examine", broken)
    with pytest.raises(ZeroDivisionError):
        command("doctor")


def test_a_console_that_shows_little_gets_escapes() -> None:
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding="cp1252", newline="\n") as stream:
        Terminal(stream, stream).say("Größe 漢")
        Terminal(stream, stream).table(["name"], [["Łódź"]])
        stream.flush()
        assert raw.getvalue().decode("cp1252") == ("Größe \\u6f22\nname\n----\n\\u0141ód\\u017a\n")


@pytest.mark.threat("T18")
def test_text_from_outside_cannot_move_the_cursor_or_forge_a_line() -> None:
    out = io.StringIO()
    terminal = Terminal(out, out)
    terminal.say("x\x1b[2J\ny")
    terminal.table(["a", "b"], [["\x1b]0;t\x07", {"k": "1\r2"}]])
    terminal.remark("\x9b31m")
    assert out.getvalue() == (
        "x\\x1b[2J\\ny\na             b\n------------  ------\n\\x1b]0;t\\x07  k=1\\r2\n\\x9b31m\n"
    )


def test_a_bar_shows_only_where_a_person_watches() -> None:
    out, err = io.StringIO(), io.StringIO()
    with Terminal(out, err).progress(10, "printed") as progress:
        progress.reach(10)
    assert (out.getvalue(), err.getvalue()) == ("", "")
    with Progress(err, 10, "printed") as progress:
        progress.reach(10)
    assert [frame.rstrip() for frame in err.getvalue().split("\r")][1:] == [
        "[........................] 0 of 10 printed",
        "[########################] 10 of 10 printed",
    ]


def test_the_commands_are_imported_when_they_run_and_not_before() -> None:
    code = (
        "import sys; from gateway.cli.program import make_parser; make_parser(); "
        "heavy = {'httpx', 'fastapi', 'pydantic', 'PIL', 'sqlite3', 'uvicorn', 'asyncio'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_every_module_of_the_list_adds_a_command() -> None:
    (choices,) = (
        action.choices
        for action in make_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    assert {"run", "print", "jobs", "backup", "restore", "verify", "serial", "stock"} <= set(
        choices
    )
    package = Path(program.__file__).parent
    modules = {
        file.stem
        for file in package.glob("*.py")
        if "\ndef add(commands: Any)" in file.read_text("utf-8")
    }
    assert modules == set(COMMANDS)


# ---------------------------------------------------------------- as its own process


def test_the_daemon_starts_answers_and_stops_when_told(tmp_path: Path) -> None:
    import httpx

    environment = {**os.environ, "GATEWAY_DATA_DIR": str(tmp_path), "GATEWAY_LOG": "json"}
    with subprocess.Popen(
        [sys.executable, "-m", "gateway", "run", "--listen", "127.0.0.1:0"],
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stderr is not None
        line = json.loads(process.stderr.readline())
        assert (line["level"], line["logger"]) == ("info", "gateway.app")
        url = line["message"].rpartition(" ")[2]
        assert httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
        second = subprocess.run(
            [sys.executable, "-m", "gateway", "run", "--listen", "127.0.0.1:0"],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        assert (second.returncode, second.stderr) == (
            1,
            f"Another label-gateway already runs on {tmp_path}; stop it, or give this one its "
            "own GATEWAY_DATA_DIR.\n",
        )
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == (0 if os.name == "posix" else 1)


def test_a_port_that_is_taken_is_exit_2_with_the_cure(command: Run, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        ran = command("run", "--data-dir", tmp_path, "--listen", f"127.0.0.1:{port}")
    assert ran.code == 2
    assert re.fullmatch(
        rf"It cannot listen on 127\.0\.0\.1:{port} \(.*\); stop the program that does, or set "
        r"GATEWAY_LISTEN to another address\.\n",
        ran.err,
    )


def test_a_virtual_printer_says_where_it_is_and_prints() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "gateway", "virtual-printer", "--port", "0", "--control", "0",
         "--speed", "0"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            assert set(ready) == {"name", "port", "url", "control"}
            with socket.create_connection(("127.0.0.1", ready["port"])) as line:
                line.sendall(b"~HI")
                assert line.recv(100).startswith(b"\x02GW-VIRTUAL,")
        finally:
            process.kill()


def test_a_virtual_receipt_printer_has_a_head_of_180_dpi() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "gateway", "virtual-printer", "--port", "0", "--language", "escpos",
         "--density", "180dpi", "--width", "80"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            with socket.create_connection(("127.0.0.1", ready["port"])) as line:
                line.sendall(b"\x10\x04\x01")
                assert line.recv(100) == b"\x12"
        finally:
            process.kill()


def test_a_virtual_printer_on_a_taken_port_says_so(command: Run) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        ran = command("virtual-printer", "--port", port)
    assert ran.code == 1
    assert ran.err.startswith(f"The virtual printer cannot start on port {port}: ")


def test_running_a_program_returns_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli.doctor.examine", lambda *_: 1)
    assert run_program(["doctor"]) == program.REFUSED
