"""Whatever is sent to whatever route: an answer that says what was wrong, never one that broke."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING

import httpx
import pytest

from gateway.api.access import every_route
from gateway.api.application import routes_of
from gateway.api.schemas import BODIES

if TYPE_CHECKING:
    from tests.conftest import Daemon

REQUESTS = 1500
VALUES: tuple[object, ...] = (
    None, True, 0, -1, 1e308, 10**30, "", "x", "\ud800", "\x00", "A" * 5000, "zebra", "J1", "L1",
    "serial-label", "^XA^FDx^FS^XZ", "2030-01-01", [], {}, [[]], [{}], {"a": 1},
)  # fmt: skip
NAMES = ("J1", "L1", "zebra", "serial-label", "1", "-1", "9" * 20, "%00", "%ff", "..", "a%2fb", "é")
QUERIES = (
    "", "?limit=0", "?after=x", "?wait=nan", "?after=J1&limit=1", "?dry_run=1", "?state=queued",
    "?format=pdf", "?after=-5", "?printer=%00", f"?after={'9' * 20}", "?a=b&a=c",
)  # fmt: skip
KEYS = sorted({key for model, _ in BODIES.values() for key in model.model_fields} | {"size", "x"})


def _value(chance: random.Random, depth: int = 0) -> object:
    kind = chance.random()
    if kind < 0.2 and depth < 3:
        return {chance.choice(KEYS): _value(chance, depth + 1) for _ in range(chance.randrange(4))}
    if kind < 0.35 and depth < 3:
        return [_value(chance, depth + 1) for _ in range(chance.randrange(3))]
    return chance.choice(VALUES)


@pytest.mark.promise("R11")
@pytest.mark.parametrize("seed", [7, 8])
def test_no_request_breaks_the_gateway(daemon: Daemon, seed: int) -> None:
    chance = random.Random(seed)
    routes = [
        (method, str(getattr(route, "path", "")))
        for route in every_route(routes_of(daemon.gateway.app))
        for method in sorted(getattr(route, "methods", None) or ())
        if getattr(route, "path", "") != "/v1/events"
    ]
    seen: set[int] = set()
    with httpx.Client(base_url=daemon.url, timeout=30, trust_env=False) as web:
        for _ in range(REQUESTS // 2):
            method, path = chance.choice(routes)
            path = re.sub(r"\{[a-z]+\}", lambda _: chance.choice(NAMES), path)
            path += chance.choice(QUERIES)
            body = json.dumps({chance.choice(KEYS): _value(chance) for _ in range(5)}).encode()
            if chance.random() < 0.1:
                body = chance.randbytes(20)
            headers = {"Content-Type": "application/json"}
            if chance.random() < 0.2:
                headers["Idempotency-Key"] = chance.choice(["a", "", "x" * 300])
                headers["If-Match"] = chance.choice(['"1"', "*", "x", '""'])
            content = body if method in ("POST", "PUT") else None
            answer = web.request(method, path, content=content, headers=headers)
            seen.add(answer.status_code)
            assert answer.status_code not in (500, 501, 502), (method, path, body, answer.text)
            if answer.status_code >= 400 and method != "HEAD":
                if answer.headers["content-type"].startswith("text/html"):
                    assert not path.startswith("/v1/"), path
                    assert "<h1" in answer.text, "a page for people says what is the matter"
                    continue
                problem = answer.json()
                assert problem["status"] == answer.status_code
                assert problem["detail"], problem
        assert web.get("/readyz").status_code == 200
    assert seen >= {200, 404, 422}
