"""The print systems of a run: ours and its peers, each started anew in a folder of its own.

    with label_gateway(folder, {"sink": 9100}) as system: ...system.requests...

A ``System`` is a running program that takes a label by HTTP and sends it to a printer at a port of
this machine. Peers come from Debian's packages ``cups``, ``cups-client`` and ``lprint``; their
configuration, spool, state and sockets are in the folder, and the machine's own are not touched.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import ipp
from benchmarks.load import NUMBER
from benchmarks.payload import SIZE, raw_label
from benchmarks.processes import CannotRun, Child, answers, free_port, start, wait_until

STARTS_WITHIN: Final = 20.0


@dataclass(frozen=True, slots=True)
class System:
    """A running print system."""

    name: str
    port: int
    requests: list[str]
    """HTTP requests that print the label of a job, one for each printer."""
    speaks: str
    child: Child

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Return what ours answers to a request; not for peers.

        Raises:
            urllib.error.HTTPError: it refused.
        """
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")


def http_request(path: str, port: int, media_type: str, body: bytes) -> str:
    """Return a POST as its bytes in latin-1."""
    return (
        b"POST %b HTTP/1.1\r\nHost: localhost:%d\r\nContent-Type: %b\r\nContent-Length: %d\r\n"
        b"\r\n%b" % (path.encode(), port, media_type.encode(), len(body), body)
    ).decode("latin-1")


def numbered_label() -> bytes:
    """Return the benchmark's label with ``NUMBER`` for its number."""
    label = raw_label(0).replace(b"0000000;", NUMBER + b";")
    assert len(label) == SIZE
    assert label.count(NUMBER) == 2
    return label


# ---------------------------------------------------------------- ours


@contextlib.contextmanager
def label_gateway(
    folder: Path,
    printers: Mapping[str, int],
    *,
    evidence: str = "none",
    model: str = "",
) -> Iterator[System]:
    """Run the daemon with its usual settings, but no virtual printer, until the block ends.

    ``printers`` are names and ports of this machine; those the database has already are kept.
    """
    port = free_port()
    settings = folder / "gateway.toml"
    settings.write_text("virtual = []\n", "utf-8")
    bodies = [
        json.dumps({"printer": name, "raw": numbered_label().decode()}).encode()
        for name in printers
    ]
    requests = [http_request("/v1/jobs", port, "application/json", body) for body in bodies]
    environment = {
        "GATEWAY_DATA_DIR": str(folder),
        "GATEWAY_CONFIG": str(settings),
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
    }
    command = [sys.executable, "-m", "gateway", "run"]
    with (
        (folder / "log").open("a", encoding="utf-8") as log,
        start(command, environment=environment, log=log) as child,
    ):
        system = System("label-gateway", port, requests, "http", child)
        wait_until(lambda: answers(port), STARTS_WITHIN, "label-gateway did not answer")
        known = {one["name"] for one in system.ask("GET", "/v1/printers")["items"]}
        for name, printer in printers.items():
            if name not in known:
                system.ask(
                    "PUT",
                    f"/v1/printers/{name}",
                    {
                        "url": f"tcp://127.0.0.1:{printer}",
                        "language": "zpl",
                        "density": 8,
                        "media": {"width": 100_000, "height": 50_000},
                        "evidence": evidence,
                        "model": model,
                    },
                )
        yield system


# ---------------------------------------------------------------- CUPS

_CUPSD_CONF: Final = """\
Listen 127.0.0.1:{port}
LogLevel warn
Browsing No
WebInterface No
MaxJobs 0
MaxClients 200
DefaultAuthType None
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  JobPrivateAccess default
  JobPrivateValues default
  SubscriptionPrivateAccess default
  SubscriptionPrivateValues default
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
"""
"""``MaxJobs 0``: the usual limit of 500 jobs would end a run. The rest is as Debian has it."""

_CUPS_FILES: Final = """\
ServerRoot {folder}
RequestRoot {folder}/spool
CacheDir {folder}/cache
StateDir {folder}/state
TempDir {folder}/spool/tmp
ServerKeychain {folder}/ssl
AccessLog {folder}/access
ErrorLog {folder}/error
PageLog {folder}/page
User lp
Group lp
SystemGroup root
"""

# Neither waits for the printer to close the connection nor asks it by SNMP: CUPS at its fastest.
_PRINTERS_CONF: Final = """\
<Printer raw>
UUID urn:uuid:6d3b1c7e-0000-4000-8000-000000000001
DeviceURI socket://127.0.0.1:{printer}/?waiteof=false&snmp=false
State Idle
Accepting Yes
Shared No
JobSheets none none
OpPolicy default
ErrorPolicy retry-job
</Printer>
"""


@contextlib.contextmanager
def cups(folder: Path, printer: int) -> Iterator[System]:
    """Run a CUPS scheduler with one raw queue until the block ends.

    Raises:
        CannotRun: it is not installed, or this is not root, or it does not start.
    """
    program = shutil.which("cupsd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None or not Path("/usr/lib/cups/backend/socket").exists():
        raise CannotRun("CUPS is not installed (Debian packages cups and cups-client).")
    if os.geteuid() != 0:
        raise CannotRun("A CUPS scheduler of its own needs root.")
    # Its backends run as lp, and lp must reach them; the run's own folder is closed to others.
    for part in ("spool/tmp", "cache", "state", "ssl"):
        (folder / part).mkdir(parents=True)
    port = free_port()
    (folder / "cupsd.conf").write_text(_CUPSD_CONF.format(port=port), "utf-8")
    (folder / "cups-files.conf").write_text(_CUPS_FILES.format(folder=folder), "utf-8")
    (folder / "printers.conf").write_text(_PRINTERS_CONF.format(printer=printer), "utf-8")
    command = [program, "-f", "-c", f"{folder}/cupsd.conf", "-s", f"{folder}/cups-files.conf"]
    body = ipp.print_job(
        f"ipp://localhost:{port}/printers/raw", "application/vnd.cups-raw", numbered_label()
    )
    with start(command) as child:
        wait_until(lambda: answers(port), STARTS_WITHIN, "CUPS did not answer")
        request = http_request("/printers/raw", port, "application/ipp", body)
        yield System("CUPS", port, [request], "ipp", child)


# ---------------------------------------------------------------- LPrint


@contextlib.contextmanager
def lprint(folder: Path, printer: int) -> Iterator[System]:
    """Run an LPrint server with one ZPL printer until the block ends.

    As root it would use files of the whole machine, so it runs as ``nobody``.

    Raises:
        CannotRun: it is not installed, or does not start.
    """
    program = shutil.which("lprint")
    if program is None:
        raise CannotRun("LPrint is not installed (Debian package lprint).")
    user = "nobody" if os.geteuid() == 0 else None
    for part in ("home", "spool", "tmp", "config"):
        (folder / part).mkdir()
        if user is not None:
            shutil.chown(folder / part, user)
    port = free_port()
    environment = {
        "HOME": f"{folder}/home",
        "TMPDIR": f"{folder}/tmp",
        "XDG_CONFIG_HOME": f"{folder}/config",
        "XDG_DATA_HOME": f"{folder}/config",
    }
    server = [
        program, "server", "-o", f"server-port={port}", "-o", "server-hostname=localhost",
        "-o", f"spool-directory={folder}/spool", "-o", f"log-file={folder}/tmp/log",
        "-o", "log-level=error",
    ]  # fmt: skip
    add = [
        program, "add", "-d", "zebra", "-v", f"socket://127.0.0.1:{printer}",
        "-m", "zpl_4inch-203dpi-dt",
    ]  # fmt: skip
    body = ipp.print_job(
        f"ipp://localhost:{port}/ipp/print/zebra", "application/vnd.zebra-zpl", numbered_label()
    )
    with start(server, environment=environment, user=user) as child:
        wait_until(lambda: answers(port), STARTS_WITHIN, "LPrint did not answer")
        with start(add, environment=environment, user=user) as adding:
            if adding.process.wait(STARTS_WITHIN) != 0:
                raise CannotRun("LPrint did not take its printer.")
        request = http_request("/ipp/print/zebra", port, "application/ipp", body)
        yield System("LPrint", port, [request], "ipp", child)
