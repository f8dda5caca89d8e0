"""The settings of the process: one TOML file, the environment over it, and neither is needed.

What a person may change about the process itself is here and nowhere else; printers, keys and
templates live in the database. A setting that is not known, or not right, stops the start with
one sentence that names the file and the line:

>>> read_settings({"HOME": "/home/eve"}, platform="linux").listen
Listen(host='127.0.0.1', port=8730)
>>> parse_file('virtual = ["zebra"]\\nport = 9000\\n', Path("gateway.toml"))
Traceback (most recent call last):
    ...
gateway.errors.SettingsRefused: gateway.toml:2: Unknown setting 'port'; did you mean 'listen'?
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, NamedTuple, cast, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.errors import SettingsRefused
from gateway.store.dialect import Place, Server

LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["text", "json"]

FILE_NAME = "gateway.toml"
"""Looked for in the data directory when GATEWAY_CONFIG names no other."""

LARGEST_FILE = 256 * 1024
"""Bytes; a settings file has twelve lines."""

OPEN_NETWORK = "insecure_lan_anyone_who_listens_can_print"
"""The setting that allows a network address without TLS. It is meant to look wrong in a review."""

_OTHER_NAMES = {"host": "listen", "port": "listen", "address": "listen", "db": "database"}
"""What people write for a setting whose name looks different."""

_PRINTER_NAME = re.compile(r"[A-Za-z0-9._-]{1,40}", re.ASCII)
_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\.?", re.ASCII)
_ORIGIN = re.compile(r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?", re.ASCII)


class Listen(NamedTuple):
    """Where the daemon answers."""

    host: str
    port: int
    """0: any free port."""

    @property
    def loopback(self) -> bool:
        """True when only this machine can reach it.

        >>> Listen("127.0.0.1", 1).loopback, Listen("::1", 1).loopback, Listen("::", 1).loopback
        (True, True, False)
        """
        if self.host.casefold() == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


LOOPBACK = Listen("127.0.0.1", 8730)


@dataclass(frozen=True, slots=True)
class Settings:
    """The process's settings, complete and checked."""

    data_dir: Path
    """Database, paper of the virtual printers, key file."""
    database: Place
    """A file, or a database on a PostgreSQL server."""
    listen: Listen = LOOPBACK
    log_level: LogLevel = "info"
    log_format: LogFormat = "text"
    tls_cert: Path | None = None
    tls_key: Path | None = None
    insecure_lan: bool = False
    """A network address without TLS was asked for in so many words."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names beyond localhost by which callers reach this daemon; lower case, no port."""
    allowed_origins: tuple[str, ...] = ()
    """Web pages of other origins that may call it: exact, ``https://stock.example.com``."""
    time_zone: str = ""
    """IANA name for dates on labels; empty: the computer's own."""
    virtual: tuple[str, ...] = ("zebra",)
    """Virtual printers that are there from the first start."""
    source: Path | None = None
    """The file they were read from."""

    @property
    def key_file(self) -> Path:
        """Where the daemon keeps the key by which this machine's own command line may call it."""
        return self.data_dir / "local.key"

    @property
    def url(self) -> str:
        """The address callers on this machine use."""
        host, port = self.listen
        try:
            if ipaddress.ip_address(host).is_unspecified:
                host = "::1" if ":" in host else "127.0.0.1"
        except ValueError:
            pass  # a name
        return f"{'https' if self.tls_cert else 'http'}://{Listen(host, port)}"


# ---------------------------------------------------------------- reading


def read_settings(
    environment: Mapping[str, str],
    *,
    config: Path | None = None,
    options: Mapping[str, str] | None = None,
    platform: str = sys.platform,
) -> Settings:
    """Return the settings of the file, the environment over it, and ``options`` over both.

    ``config`` (the command line's ``--config``) goes before ``GATEWAY_CONFIG``; with neither, a
    ``gateway.toml`` in the data directory is read if there is one. ``options`` are the command
    line's: a key of ``OPTIONS`` and its text.

    Raises:
        SettingsRefused: a setting is unknown or not right, or the file cannot be read.
    """
    options = options or {}
    if given := options.get("--data-dir") or environment.get("GATEWAY_DATA_DIR"):
        standard = Path(given).expanduser().absolute()
    else:
        standard = default_data_dir(environment, platform)
    named = config or environment.get("GATEWAY_CONFIG")
    file = Path(named).expanduser().absolute() if named else standard / FILE_NAME
    source = file if named or file.is_file() else None
    values = parse_file(_read(source), source) if source else {}
    values |= _parse_texts(environment, ENVIRONMENT, "GATEWAY_LOG")
    values |= _parse_texts(options, OPTIONS, "--log")
    return _settle(values, standard, source)


def default_data_dir(environment: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Return where this system keeps a program's data.

    >>> default_data_dir({"HOME": "/home/eve"}, "linux").as_posix()
    '/home/eve/.local/state/label-gateway'

    Raises:
        SettingsRefused: the system does not say where the user's home is.
    """
    try:
        if platform == "win32":
            return Path(environment["LOCALAPPDATA"]) / "label-gateway"
        if platform == "darwin":
            return Path(environment["HOME"]) / "Library/Application Support/label-gateway"
        # XDG Base Directory Specification 0.8: state that survives restarts, not worth copying.
        if state := environment.get("XDG_STATE_HOME"):
            return Path(state) / "label-gateway"
        return Path(environment["HOME"]) / ".local/state/label-gateway"
    except KeyError as missing:
        raise SettingsRefused(
            f"{missing.args[0]} is not set, so there is no place for the data directory; set "
            "GATEWAY_DATA_DIR to a folder this user may write."
        ) from None


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise SettingsRefused(
                f"{file}: The settings file is larger than {LARGEST_FILE // 1024} kB; is it the "
                "right file?"
            )
        return file.read_text("utf-8")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsRefused(f"{file}: The settings file cannot be read: {reason}.") from error
    except UnicodeDecodeError as error:
        raise SettingsRefused(
            f"{file}: The settings file is not UTF-8 text (byte {error.start}); save it as UTF-8."
        ) from error


def parse_file(text: str, file: Path) -> dict[str, object]:
    """Return the checked values of one TOML text; ``file`` is for the sentences.

    Raises:
        SettingsRefused: not TOML, an unknown key, or a value that is not right, with its line.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error))
        reason = place[1] if place else str(error)
        line = int(place[2]) if place and place[2] else len(text.splitlines())
        raise SettingsRefused(f"{file}:{line}: This is not TOML: {reason}.") from error
    values: dict[str, object] = {}
    folder = file.absolute().parent
    for key, value in document.items():
        try:
            values[_attribute(key)] = _parse(key, value, folder)
        except SettingsRefused as refusal:
            line = _line_of(text, key)
            raise SettingsRefused(
                f"{file}:{line}: {refusal.detail}", file=str(file), line=line, key=key
            ) from None
    return values


def _line_of(text: str, key: str) -> int:
    """Return the line on which a top-level key of a valid TOML text begins.

    The parser tells no places, but it tells whether a beginning of the text is whole, and the
    first whole beginning that has the key ends with it.
    """
    lines = text.splitlines(keepends=True)
    whole = 0
    for count in range(1, len(lines) + 1):
        try:
            known = tomllib.loads("".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue  # inside an array or a text of several lines
        if key in known:
            return whole + 1
        whole = count
    return len(lines)


# ---------------------------------------------------------------- one setting each


def _parse(key: str, value: object, folder: Path) -> object:
    if key not in SETTINGS:
        raise SettingsRefused(f"Unknown setting {key!r}{_did_you_mean(key)}")
    return SETTINGS[key](key, value, folder)


def _attribute(key: str) -> str:
    return "insecure_lan" if key == OPEN_NETWORK else key


def _did_you_mean(key: str) -> str:
    near = _OTHER_NAMES.get(key.casefold())
    if near is None:
        close = difflib.get_close_matches(key.casefold(), SETTINGS, 1, 0.6)
        near = close[0] if close else None
    return f"; did you mean {near!r}?" if near else f"; known are {', '.join(SETTINGS)}."


def _text(key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SettingsRefused(f"{key} must be a text, got {_say(value)}.")
    return value.strip()


def _say(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, str | int | float) else f"a {_kind(value)}"


def _kind(value: object) -> str:
    return {"list": "list", "dict": "table"}.get(type(value).__name__, type(value).__name__)


def _path(key: str, value: object, folder: Path) -> Path:
    return folder / Path(_text(key, value)).expanduser()


def _existing(key: str, value: object, folder: Path) -> Path:
    path = _path(key, value, folder)
    if not path.is_file():
        raise SettingsRefused(f"{key}: there is no file {path}.")
    return path


def _database(key: str, value: object, folder: Path) -> Place:
    text = _text(key, value)
    scheme, separator, rest = text.partition("://")
    if separator:
        if scheme in ("postgresql", "postgres"):
            return _server(key, f"postgresql://{rest}")
        if scheme != "sqlite":
            # The rest may hold a password.
            raise SettingsRefused(
                f"{key} is a {scheme} database; give a path, sqlite:///path or "
                "postgresql://user:password@host/database."
            )
        text = rest.removeprefix("/")
    if not text or text == ":memory:":
        raise SettingsRefused(
            f"{key} must be a file that survives a restart, got {_say(value)}; give a path such "
            "as /var/lib/label-gateway/gateway.db."
        )
    return folder / Path(text).expanduser()


def _server(key: str, url: str) -> Server:
    try:
        parts = urlsplit(url)
        name, _ = parts.path.removeprefix("/"), parts.port
    except ValueError as error:
        raise SettingsRefused(
            f"{key} is no URL of a database ({error}); write "
            "postgresql://user:password@host:5432/database, with %40 for an @ in the password."
        ) from None
    if not name or "/" in name:
        raise SettingsRefused(
            f"{key} names no database of the server; write "
            "postgresql://user:password@host/database."
        )
    return Server(url)


def _listen(key: str, value: object, _folder: Path) -> Listen:
    text = _text(key, value)
    host, separator, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    name = host[1:-1] if bracketed else host
    if not separator or not (port.isascii() and port.isdecimal()) or int(port) > 65535:
        raise SettingsRefused(
            f"{key} must be host:port, such as 127.0.0.1:8730 or [::1]:8730, got {text!r}."
        )
    if bracketed != (":" in name) or not _is_host(name):
        raise SettingsRefused(
            f"{key}: {host!r} is no host name or address; give one such as 127.0.0.1 or [::1]."
        )
    return Listen(name, int(port))


def _is_host(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return bool(_HOST_NAME.fullmatch(name)) and not name.replace(".", "").isdecimal()
    return True


def _one_of(choices: tuple[str, ...]) -> Callable[[str, object, Path], str]:
    def parse(key: str, value: object, _folder: Path) -> str:
        text = value.strip().casefold() if isinstance(value, str) else value
        if text not in choices:
            raise SettingsRefused(f"{key} must be {_or(choices)}, got {_say(value)}.")
        return str(text)

    return parse


def _or(choices: tuple[str, ...]) -> str:
    return " or ".join((", ".join(choices[:-1]), choices[-1])) if choices[1:] else choices[0]


def _flag(key: str, value: object, _folder: Path) -> bool:
    if not isinstance(value, bool):
        raise SettingsRefused(f"{key} must be true or false, got {_say(value)}.")
    return value


def _list(
    what: str, parse: Callable[[str], str | None]
) -> Callable[[str, object, Path], tuple[str, ...]]:
    def parse_list(key: str, value: object, _folder: Path) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise SettingsRefused(f"{key} must be a list of {what}, got {_say(value)}.")
        found: list[str] = []
        for entry in value:
            good = parse(entry.strip()) if isinstance(entry, str) else None
            if good is None:
                raise SettingsRefused(f"{key} must be a list of {what}, got {_say(entry)} in it.")
            if good in found:
                raise SettingsRefused(f"{key} has {good!r} twice.")
            found.append(good)
        return tuple(found)

    return parse_list


def _host(text: str) -> str | None:
    name = text.removeprefix("[").removesuffix("]").casefold().rstrip(".")
    return name if _is_host(name) else None


def _origin(text: str) -> str | None:
    return text.casefold() if _ORIGIN.fullmatch(text) else None


def _printer_name(text: str) -> str | None:
    return text if _PRINTER_NAME.fullmatch(text) else None


def _time_zone(key: str, value: object, _folder: Path) -> str:
    name = _text(key, value)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsRefused(
            f"{key}: {name!r} is no time zone of the IANA list; give one such as Europe/Vienna."
        ) from None
    return name


SETTINGS: dict[str, Callable[[str, object, Path], object]] = {
    "data_dir": _path,
    "listen": _listen,
    "database": _database,
    "log_level": _one_of(get_args(LogLevel)),
    "log_format": _one_of(get_args(LogFormat)),
    "tls_cert": _existing,
    "tls_key": _existing,
    OPEN_NETWORK: _flag,
    "allowed_hosts": _list("host names without port", _host),
    "allowed_origins": _list("origins such as https://stock.example.com", _origin),
    "time_zone": _time_zone,
    "virtual": _list("printer names (1 to 40 letters, digits, '-', '_' or '.')", _printer_name),
}
"""Every key of the file. A new setting is a row here, a field of ``Settings`` and a line in
docs/settings.md; the tests hold the three together."""


# ---------------------------------------------------------------- the environment


ENVIRONMENT = {
    "GATEWAY_DATA_DIR": "data_dir",
    "GATEWAY_LISTEN": "listen",
    "GATEWAY_DATABASE": "database",
    "GATEWAY_TLS_CERT": "tls_cert",
    "GATEWAY_TLS_KEY": "tls_key",
}
"""Variables that stand for one setting. GATEWAY_LOG and GATEWAY_CONFIG are read on their own."""

OPTIONS = {
    "--data-dir": "data_dir",
    "--listen": "listen",
    "--log": "log_level",
}
"""Options of the command line that stand for a setting; ``--log`` reads as GATEWAY_LOG does."""


def _parse_texts(given: Mapping[str, str], names: Mapping[str, str], log: str) -> dict[str, object]:
    here = Path.cwd()
    values: dict[str, object] = {
        key: SETTINGS[key](name, given[name], here)
        for name, key in names.items()
        if name != log and given.get(name)
    }
    for word in given.get(log, "").casefold().replace(",", " ").split():
        if word in get_args(LogLevel):
            values["log_level"] = word
        elif word in get_args(LogFormat):
            values["log_format"] = word
        else:
            raise SettingsRefused(
                f"{log}: {word!r} is neither a level ({_or(get_args(LogLevel))}) nor a "
                f"format ({_or(get_args(LogFormat))}); write for example debug,json."
            )
    return values


# ---------------------------------------------------------------- together


def _settle(values: dict[str, object], standard: Path, source: Path | None) -> Settings:
    data_dir = cast(Path, values.setdefault("data_dir", standard))
    values.setdefault("database", data_dir / "gateway.db")
    known = {field.name for field in fields(Settings)}
    settings = Settings(source=source, **{k: v for k, v in values.items() if k in known})  # type: ignore[arg-type]
    if (settings.tls_cert is None) != (settings.tls_key is None):
        given, missing = ("tls_cert", "tls_key") if settings.tls_cert else ("tls_key", "tls_cert")
        raise SettingsRefused(f"{given} is set and {missing} is not; TLS needs both, as PEM files.")
    if not settings.listen.loopback and settings.tls_cert is None and not settings.insecure_lan:
        raise SettingsRefused(
            f"Listening on {settings.listen} would send keys and labels over the network in "
            "clear; set tls_cert and tls_key, or listen on 127.0.0.1 behind a proxy that speaks "
            f"TLS, or accept the risk with {OPEN_NETWORK} = true."
        )
    return settings
