"""A client of a running gateway, and a printer that takes jobs and prints nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.conftest import Daemon

DOCK = {"url": "tcp://127.0.0.1:9100", "media": {"width": 100_000, "height": 50_000}}
OTHER = DOCK | {"url": "tcp://127.0.0.1:9101"}


def connect(daemon: Daemon, key: str | None = None) -> httpx.Client:
    """Return a client; with a key it is no longer just a program on this computer."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.Client(base_url=daemon.url, headers=headers, timeout=30, trust_env=False)


def make_key(daemon: Daemon, name: str, *scopes: str, expires_at: int | None = None) -> str:
    """Return the text of a new key."""
    parts = daemon.gateway.parts
    made = parts.database.run(
        lambda t: parts.keys.make(t, name, scopes, "test", expires_at=expires_at)
    )
    return made[1]


@pytest.fixture
def web(shared_daemon: Daemon) -> Iterator[httpx.Client]:
    """A client of the module's gateway, which has a paused printer ``dock``."""
    with connect(shared_daemon) as client:
        if client.get("/v1/printers/dock").status_code == 404:
            client.put("/v1/printers/dock", json=DOCK)
            client.post("/v1/printers/dock/pause")
        yield client


def order(*serials: str, **more: Any) -> dict[str, Any]:
    """Return the body of a job of serial labels on the paused printer."""
    rows = [{"serial": serial} for serial in serials or ("SN-1",)]
    return {"printer": "dock", "template": "serial-label", "labels": rows, **more}
