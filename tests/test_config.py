"""The settings: where they come from, what stops a start, and the sentence that says so."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from gateway.config import (
    ENVIRONMENT,
    OPEN_NETWORK,
    SETTINGS,
    Listen,
    Settings,
    default_data_dir,
    parse_file,
    read_settings,
)
from gateway.errors import SettingsRefused
from gateway.store.dialect import Server


def refusal(environment: dict[str, str], config: Path | None = None) -> str:
    with pytest.raises(SettingsRefused) as refused:
        read_settings(environment, config=config)
    return refused.value.detail


def refusal_of(text: str) -> str:
    with pytest.raises(SettingsRefused) as refused:
        parse_file(text, Path("gateway.toml"))
    return refused.value.detail


def test_with_no_file_and_no_environment_everything_has_a_value(tmp_path: Path) -> None:
    folder = tmp_path / ".local/state/label-gateway"
    assert read_settings({"HOME": str(tmp_path)}, platform="linux") == Settings(
        data_dir=folder,
        database=folder / "gateway.db",
        listen=Listen("127.0.0.1", 8730),
        log_level="info",
        log_format="text",
        tls_cert=None,
        tls_key=None,
        insecure_lan=False,
        allowed_hosts=(),
        allowed_origins=(),
        time_zone="",
        virtual=("zebra",),
        source=None,
    )


def test_a_file_that_sets_everything_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").touch()
    (tmp_path / "key.pem").touch()
    file = tmp_path / "all.toml"
    file.write_text(
        'data_dir = "there"\n'
        'listen = "0.0.0.0:9000"\n'
        'database = "sqlite:///other.db"\n'
        'log_level = "debug"\n'
        'log_format = "json"\n'
        'tls_cert = "cert.pem"\n'
        'tls_key = "key.pem"\n'
        f"{OPEN_NETWORK} = true\n"
        'allowed_hosts = ["Labels.Example.com"]\n'
        'allowed_origins = ["https://stock.example.com"]\n'
        'time_zone = "Europe/Vienna"\n'
        'virtual = ["zebra", "zebra-2"]\n'
    )
    assert read_settings({"HOME": "/nowhere"}, config=file, platform="linux") == Settings(
        data_dir=tmp_path / "there",
        database=tmp_path / "other.db",
        listen=Listen("0.0.0.0", 9000),
        log_level="debug",
        log_format="json",
        tls_cert=tmp_path / "cert.pem",
        tls_key=tmp_path / "key.pem",
        insecure_lan=True,
        allowed_hosts=("labels.example.com",),
        allowed_origins=("https://stock.example.com",),
        time_zone="Europe/Vienna",
        virtual=("zebra", "zebra-2"),
        source=file,
    )


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text('listen = "127.0.0.1:1"\nlog_level = "error"\nlog_format = "json"\n')
    settings = read_settings(
        {
            "GATEWAY_CONFIG": str(file),
            "GATEWAY_DATA_DIR": str(tmp_path / "data"),
            "GATEWAY_LISTEN": "[::1]:2",
            "GATEWAY_DATABASE": str(tmp_path / "x.db"),
            "GATEWAY_LOG": "debug",
        }
    )
    assert settings == Settings(
        data_dir=tmp_path / "data",
        database=tmp_path / "x.db",
        listen=Listen("::1", 2),
        log_level="debug",
        log_format="json",
        source=file,
    )


def test_the_command_line_goes_before_the_environment(tmp_path: Path) -> None:
    settings = read_settings(
        {"GATEWAY_DATA_DIR": "/x", "GATEWAY_LISTEN": "[::1]:2", "GATEWAY_LOG": "json"},
        options={"--data-dir": str(tmp_path), "--listen": "127.0.0.1:0", "--log": "debug"},
    )
    assert settings == Settings(
        data_dir=tmp_path,
        database=tmp_path / "gateway.db",
        listen=Listen("127.0.0.1", 0),
        log_level="debug",
        log_format="json",
    )


def test_a_file_in_the_data_directory_is_found_by_itself(tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_text("virtual = []\n")
    settings = read_settings({"GATEWAY_DATA_DIR": str(tmp_path)})
    assert (settings.virtual, settings.source) == ((), tmp_path / "gateway.toml")


def test_the_log_variable_takes_level_and_format_in_any_order() -> None:
    settings = read_settings({"GATEWAY_DATA_DIR": "/x", "GATEWAY_LOG": "JSON, warning"})
    assert (settings.log_level, settings.log_format) == ("warning", "json")


def test_a_server_is_named_without_its_password(tmp_path: Path) -> None:
    url = "postgres://eve:p%40ss@db.example.com:5433/labels?sslmode=require"
    settings = read_settings({"GATEWAY_DATABASE": url, "GATEWAY_DATA_DIR": str(tmp_path)})
    assert settings.database == Server(url.replace("postgres:", "postgresql:"))
    assert str(settings.database) == "postgresql://eve@db.example.com:5433/labels"
    assert "p%40ss" not in repr(settings)


@pytest.mark.parametrize(
    ("platform", "environment", "folder"),
    [
        ("linux", {"HOME": "/h", "XDG_STATE_HOME": "/s"}, Path("/s/label-gateway")),
        ("linux", {"HOME": "/h"}, Path("/h/.local/state/label-gateway")),
        ("darwin", {"HOME": "/h"}, Path("/h/Library/Application Support/label-gateway")),
        ("win32", {"LOCALAPPDATA": "/l"}, Path("/l/label-gateway")),
    ],
)
def test_each_system_keeps_the_data_where_its_users_look(
    platform: str, environment: dict[str, str], folder: Path
) -> None:
    assert default_data_dir(environment, platform) == folder


def test_a_service_without_a_home_is_told_what_to_set() -> None:
    assert refusal({}) == (
        f"{'LOCALAPPDATA' if os.name == 'nt' else 'HOME'} is not set, so there is no place for "
        "the data directory; set GATEWAY_DATA_DIR to a folder this user may write."
    )


# ---------------------------------------------------------------- what stops a start


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "# a note\n\nlistne = '127.0.0.1:1'\n",
            "gateway.toml:3: Unknown setting 'listne'; did you mean 'listen'?",
        ),
        ("port = 9\n", "gateway.toml:1: Unknown setting 'port'; did you mean 'listen'?"),
        (
            'virtual = [\n  "zebra",\n]\n[printers]\nname = "x"\n',
            f"gateway.toml:4: Unknown setting 'printers'; known are {', '.join(SETTINGS)}.",
        ),
        (
            'log_level = """\nport = 1\n"""\n',
            "gateway.toml:1: log_level must be debug, info, warning or error, got 'port = 1\\n'.",
        ),
        (
            "listen = 8730\n",
            "gateway.toml:1: listen must be a text, got 8730.",
        ),
        (
            'virtual = [\n "zebra",\n "zebra",\n]\n',
            "gateway.toml:1: virtual has 'zebra' twice.",
        ),
        (
            'virtual = ["a b"]\n',
            "gateway.toml:1: virtual must be a list of printer names (1 to 40 letters, digits, "
            "'-', '_' or '.'), got 'a b' in it.",
        ),
        (
            'virtual = "zebra"\n',
            "gateway.toml:1: virtual must be a list of printer names (1 to 40 letters, digits, "
            "'-', '_' or '.'), got 'zebra'.",
        ),
        (
            'allowed_origins = ["*"]\n',
            "gateway.toml:1: allowed_origins must be a list of origins such as "
            "https://stock.example.com, got '*' in it.",
        ),
        (
            'allowed_hosts = ["labels.example.com:8730"]\n',
            "gateway.toml:1: allowed_hosts must be a list of host names without port, got "
            "'labels.example.com:8730' in it.",
        ),
        (
            f'{OPEN_NETWORK} = "yes"\n',
            f"gateway.toml:1: {OPEN_NETWORK} must be true or false, got 'yes'.",
        ),
        (
            'time_zone = "Europe/Vienne"\n',
            "gateway.toml:1: time_zone: 'Europe/Vienne' is no time zone of the IANA list; give "
            "one such as Europe/Vienna.",
        ),
        (
            'tls_cert = "/no/such.pem"\n',
            "gateway.toml:1: tls_cert: there is no file /no/such.pem.",
        ),
        (
            'a = 1\nb = ["\n',
            "gateway.toml:2: This is not TOML: Illegal character '\\n'.",
        ),
        ("a = ", "gateway.toml:1: This is not TOML: Invalid value."),
    ],
)
def test_a_wrong_file_stops_the_start_with_file_line_and_reason(text: str, sentence: str) -> None:
    assert refusal_of(text) == sentence


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        (
            "GATEWAY_LISTEN",
            "8730",
            "GATEWAY_LISTEN must be host:port, such as 127.0.0.1:8730 or [::1]:8730, got '8730'.",
        ),
        (
            "GATEWAY_LISTEN",
            "localhost:70000",
            "GATEWAY_LISTEN must be host:port, such as 127.0.0.1:8730 or [::1]:8730, got "
            "'localhost:70000'.",
        ),
        (
            "GATEWAY_LISTEN",
            "::1:8730",
            "GATEWAY_LISTEN: '::1' is no host name or address; give one such as 127.0.0.1 or "
            "[::1].",
        ),
        (
            "GATEWAY_LISTEN",
            "1.2.3:80",
            "GATEWAY_LISTEN: '1.2.3' is no host name or address; give one such as 127.0.0.1 or "
            "[::1].",
        ),
        (
            "GATEWAY_DATABASE",
            "mysql://eve:secret@db/labels",
            "GATEWAY_DATABASE is a mysql database; give a path, sqlite:///path or "
            "postgresql://user:password@host/database.",
        ),
        (
            "GATEWAY_DATABASE",
            "postgresql://eve:secret@db",
            "GATEWAY_DATABASE names no database of the server; write "
            "postgresql://user:password@host/database.",
        ),
        (
            "GATEWAY_DATABASE",
            "postgres://eve:secret@db:x/labels",
            "GATEWAY_DATABASE is no URL of a database (Port could not be cast to integer value as "
            "'x'); write postgresql://user:password@host:5432/database, with %40 for an @ in the "
            "password.",
        ),
        (
            "GATEWAY_DATABASE",
            ":memory:",
            "GATEWAY_DATABASE must be a file that survives a restart, got ':memory:'; give a "
            "path such as /var/lib/label-gateway/gateway.db.",
        ),
        (
            "GATEWAY_LOG",
            "debug,yaml",
            "GATEWAY_LOG: 'yaml' is neither a level (debug, info, warning or error) nor a format "
            "(text or json); write for example debug,json.",
        ),
        (
            "GATEWAY_CONFIG",
            "/no/such.toml",
            "/no/such.toml: The settings file cannot be read: No such file or directory.",
        ),
    ],
)
def test_a_wrong_variable_stops_the_start_with_its_name(
    variable: str, value: str, sentence: str
) -> None:
    assert refusal({"GATEWAY_DATA_DIR": "/x", variable: value}) == sentence


@pytest.mark.threat("T6")
@pytest.mark.parametrize("address", ["0.0.0.0:8730", "[::]:8730", "192.168.1.5:80", "labels:80"])
def test_a_network_address_without_tls_stops_the_start(address: str) -> None:
    assert refusal({"GATEWAY_DATA_DIR": "/x", "GATEWAY_LISTEN": address}) == (
        f"Listening on {address} would send keys and labels over the network in clear; set "
        "tls_cert and tls_key, or listen on 127.0.0.1 behind a proxy that speaks TLS, or accept "
        f"the risk with {OPEN_NETWORK} = true."
    )


@pytest.mark.parametrize("address", ["127.0.0.1:1", "127.8.8.8:1", "[::1]:1", "LOCALHOST:1"])
def test_loopback_addresses_need_no_tls(address: str) -> None:
    settings = read_settings({"GATEWAY_DATA_DIR": "/x", "GATEWAY_LISTEN": address})
    assert str(settings.listen) == address


def test_half_of_tls_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").touch()
    environment = {"GATEWAY_DATA_DIR": "/x", "GATEWAY_TLS_CERT": str(tmp_path / "cert.pem")}
    assert refusal(environment) == (
        "tls_cert is set and tls_key is not; TLS needs both, as PEM files."
    )


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(b"listen = \xff")
    assert refusal({"GATEWAY_DATA_DIR": "/x"}, file) == (
        f"{file}: The settings file is not UTF-8 text (byte 9); save it as UTF-8."
    )
    file.write_bytes(b"#" * 300_000)
    assert refusal({"GATEWAY_DATA_DIR": "/x"}, file) == (
        f"{file}: The settings file is larger than 256 kB; is it the right file?"
    )


def test_the_address_for_callers_on_this_machine_is_one_they_can_reach(tmp_path: Path) -> None:
    settings = Settings(tmp_path, tmp_path / "db", listen=Listen("::", 8730))
    assert settings.url == "http://[::1]:8730"
    settings = dataclasses.replace(settings, listen=Listen("0.0.0.0", 1), tls_cert=Path("c"))
    assert settings.url == "https://127.0.0.1:1"


def test_every_key_has_its_place_in_the_settings() -> None:
    attributes = {f.name for f in dataclasses.fields(Settings)} - {"source"}
    assert {"insecure_lan" if key == OPEN_NETWORK else key for key in SETTINGS} == attributes
    assert set(ENVIRONMENT.values()) <= set(SETTINGS)
