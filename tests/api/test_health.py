"""What watchers see."""

from __future__ import annotations

import re

import httpx

from tests.api.conftest import order


def test_a_living_and_ready_gateway_says_so(web: httpx.Client) -> None:
    assert web.get("/healthz").json() == {"status": "ok"}
    assert web.get("/readyz").json() == {"status": "ready"}


def test_a_database_that_cannot_write_is_not_ready(
    web: httpx.Client, shared_daemon: object
) -> None:
    database = shared_daemon.gateway.parts.database  # type: ignore[attr-defined]
    database._fault = "The database cannot write (disk I/O error)."
    try:
        answer = web.get("/readyz")
        assert (answer.status_code, answer.json()["detail"]) == (
            503,
            "The database cannot write (disk I/O error).",
        )
    finally:
        database._fault = None


def test_the_figures_are_prometheus_text_and_count_what_happened(web: httpx.Client) -> None:
    before = _figures(web)
    web.post("/v1/jobs", json=order("A", "B", copies=3))
    after = _figures(web)

    def grown(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert grown("gateway_jobs_accepted_total") == 1
    assert grown("gateway_labels_accepted_total") == 6
    assert grown('gateway_jobs_open{state="queued"}') == 1
    assert grown('gateway_labels_open{state="queued"}') == 6
    assert grown('gateway_printer_waiting{printer="dock"}') == 6
    assert grown("gateway_accept_seconds_count") == 1
    assert grown('gateway_accept_seconds_bucket{le="+Inf"}') == 1
    conditions = [v for name, v in after.items() if 'condition{printer="dock"' in name]
    assert sorted(conditions) == [0, 0, 0, 0, 0, 1]


def _figures(web: httpx.Client) -> dict[str, float]:
    """Parse the text format 0.0.4 strictly: a HELP and a TYPE before the samples of each."""
    found: dict[str, float] = {}
    known = ""
    for line in web.get("/metrics").text.splitlines():
        if match := re.fullmatch(r"# (?:HELP|TYPE) ([a-z_]+) .+", line):
            known = match[1]
            continue
        sample = re.fullmatch(
            r'(([a-z_]+)(?:\{[a-z]+="[^"\n]*"(?:,[a-z]+="[^"]*")*\})?) (\S+)', line
        )
        assert sample, line
        assert sample[2].startswith(known)
        found[sample[1]] = float(sample[3])
    return found
