"""Pairing: eight digits make a browser a station's screen, and its cookie is a key."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

from gateway.api.access import MOST_FAILURES, Actor
from gateway.api.pairing import LIVES, MOST_WRONG, MOST_WRONG_EACH, PairingCodes
from gateway.errors import NotAuthenticated, NotPermitted, TooMany
from gateway.store.keys import STATION_SCOPES
from tests.api.conftest import connect, make_key, order

if TYPE_CHECKING:
    from tests.conftest import Daemon

COOKIE_RULES = "Path=/; Max-Age=34560000; HttpOnly; SameSite=Strict"


@pytest.fixture
def site(daemon: Daemon) -> Iterator[httpx.Client]:
    """An administrator with a key; without one nobody may do anything. There is a station."""
    key = make_key(daemon, "boss", "read", "admin")
    parts = daemon.gateway.parts
    parts.database.run(lambda t: parts.settings.put(t, "local_access", "closed", "test"))
    with connect(daemon, key) as boss:
        boss.put("/v1/stations/dock", json={}).raise_for_status()
        yield boss


def offered(boss: httpx.Client, station: str = "dock") -> str:
    answer = boss.post(f"/v1/stations/{station}/pair")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["code"])


@pytest.fixture
def browser(daemon: Daemon, site: httpx.Client) -> Iterator[httpx.Client]:
    """A browser that is paired with the station; it keeps its cookie as browsers do."""
    with connect(daemon) as client:
        client.post("/v1/pair", json={"code": offered(site)}).raise_for_status()
        yield client


def test_a_code_makes_a_browser_the_stations_screen(daemon: Daemon, site: httpx.Client) -> None:
    answer = site.post("/v1/stations/dock/pair")
    offer = answer.json()
    assert (offer["station"], offer["url"]) == ("dock", f"{daemon.url}/pair")
    assert len(offer["code"].split(" ")[0]) == len(offer["code"].split(" ")[1]) == 4
    assert answer.headers["cache-control"] == "no-store"
    with connect(daemon) as browser:
        assert browser.get("/v1/pair").status_code == 401
        paired = browser.post("/v1/pair", json={"code": offer["code"].replace(" ", "-")})
        assert (paired.status_code, paired.json()) == (
            200, {"station": "dock", "links": {"station": "/v1/stations/dock"}},
        )  # fmt: skip
        cookie, _, rules = paired.headers["set-cookie"].partition("; ")
        assert (cookie[:14], rules) == ("gw_station=gw_", COOKIE_RULES)
        assert "gw_" not in paired.text.replace("gw_station", "")
        assert browser.get("/v1/pair").json() == {"station": "dock"}
        assert browser.get("/v1/stations/dock").json()["paired"] is True
    assert site.get("/v1/pair").json() == {"station": None}


def test_over_tls_the_cookie_never_travels_in_the_clear(daemon: Daemon, site: httpx.Client) -> None:
    code = offered(site)

    async def pair() -> httpx.Response:
        transport = httpx.ASGITransport(app=daemon.gateway.app)
        async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as client:
            return await client.post("/v1/pair", json={"code": code})

    answer = asyncio.run(pair())
    assert answer.headers["set-cookie"].partition("; ")[2] == f"{COOKIE_RULES}; Secure"


@pytest.mark.threat("T7")
def test_a_paired_browser_may_what_a_station_does_and_nothing_more(browser: httpx.Client) -> None:
    assert browser.get("/v1/jobs").status_code == 200
    job = order() | {"printer": "zebra"}
    made = browser.post("/v1/jobs", json=job)
    assert made.status_code == 201
    assert browser.get(f"/v1/jobs/{made.json()['id']}").json()["actor"] == "station:dock"
    raw = {"printer": "zebra", "raw": "^XA^FO9,9^A0N,30^FDBox^FS^XZ"}
    refused = browser.post("/v1/jobs", json=raw)
    assert (refused.status_code, refused.json()["detail"]) == (
        403, "station:dock does not have the scope 'raw'; use a key that has it.",
    )  # fmt: skip
    for method, path in (
        ("POST", "/v1/stations/dock/pair"), ("PUT", "/v1/stations/dock"), ("GET", "/v1/keys"),
        ("PUT", "/v1/settings/local_access"), ("GET", "/v1/operators"),
    ):  # fmt: skip
        assert browser.request(method, path, json={}).status_code == 403, path


def test_a_station_acts_for_itself_alone() -> None:
    dock = Actor("station:dock", STATION_SCOPES)
    dock.must_be_at("DOCK")
    with pytest.raises(NotPermitted) as refused:
        dock.must_be_at("gate")
    assert refused.value.detail == (
        "This browser is paired with station 'dock', not with 'gate'; pair it anew to work there."
    )
    for other in (Actor("key:erp", STATION_SCOPES), Actor("local", STATION_SCOPES)):
        other.must_be_at("gate")
    assert (dock.is_station("dock"), dock.is_station("gate")) == (True, False)
    assert not Actor("key:dock", STATION_SCOPES).is_station("dock")


@pytest.mark.threat("T7")
def test_a_station_scans_for_itself_and_with_its_own_scanners(
    site: httpx.Client, browser: httpx.Client
) -> None:
    site.put("/v1/stations/gate", json={}).raise_for_status()
    for name, station in (("own", "dock"), ("other", "gate"), ("free", None)):
        body = {"url": f"virtual:pairing-{name}", "station": station}
        site.put(f"/v1/scanners/{name}", json=body).raise_for_status()
    mine = browser.post("/v1/scans", json={"code": "A1", "station": "dock"})
    assert (mine.status_code, mine.json()["view"]["station"]["name"]) == (200, "dock")
    theirs = browser.post("/v1/scans", json={"code": "A1", "station": "gate"})
    assert (theirs.status_code, theirs.json()["detail"]) == (
        403,
        "This browser is paired with station 'dock', not with 'gate'; pair it anew to work there.",
    )
    assert browser.get("/v1/stations/gate/session").status_code == 403
    for verb in ("pause", "resume", "release", "grab"):
        assert browser.post(f"/v1/scanners/own/{verb}").status_code == 200, verb
        for name in ("other", "free"):
            assert browser.post(f"/v1/scanners/{name}/{verb}").status_code == 403, verb
    scan = {"code": "A2"}
    assert browser.post("/v1/scanners/other/scan", json=scan).status_code == 403
    assert browser.post("/v1/scanners/own/scan", json=scan).json()["scan"]["station"] == "dock"


@pytest.mark.threat("T2")
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1"])
def test_the_cookie_is_nothing_in_a_foreign_pages_hands(browser: httpx.Client, origin: str) -> None:
    foreign = {"Origin": origin}
    job = order() | {"printer": "zebra"}
    assert browser.post("/v1/jobs", json=job, headers=foreign).status_code == 403
    assert browser.get("/v1/jobs", headers=foreign).status_code == 401
    for site in ("cross-site", "same-site"):
        answer = browser.get("/v1/jobs", headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 401
    own = {"Origin": str(browser.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    assert browser.post("/v1/jobs", json=job, headers=own).status_code == 201


@pytest.mark.threat("T2")
def test_an_allowed_origin_brings_keys_and_not_somebodys_cookie(daemon: Daemon) -> None:
    from gateway.api.security import Gate
    from gateway.store.keys import KeyStore

    parts = daemon.gateway.parts
    keys: KeyStore = parts.keys
    parts.database.run(lambda t: parts.settings.put(t, "local_access", "closed", "test"))
    _, text = parts.database.run(lambda t: keys.make_for_station(t, "dock", "test"))

    async def nothing(*_: object) -> None: ...

    gate = Gate(nothing, keys=keys, settings=parts.settings, origins=["https://erp.example"])
    scope = {"client": ("10.0.0.9", 1)}
    cookie = {b"host": b"gw:1", b"cookie": f"gw_station={text}".encode()}
    assert gate._find_actor(scope, cookie).name == "station:dock"
    assert gate._find_actor(scope, cookie | {b"origin": b"http://gw:1"}).name == "station:dock"
    assert gate._find_actor(scope, cookie | {b"origin": b"https://erp.example"}).name == ""


@pytest.mark.threat("T7")
def test_a_bearer_wins_over_the_cookie(
    daemon: Daemon, site: httpx.Client, browser: httpx.Client
) -> None:
    reader = make_key(daemon, "reader", "read")
    both = {"Authorization": f"Bearer {reader}"}
    assert browser.get("/v1/pair", headers=both).json() == {"station": None}
    job = order() | {"printer": "zebra"}
    assert browser.post("/v1/jobs", json=job, headers=both).status_code == 403
    wrong = {"Authorization": f"Bearer gw_00000000_{'x' * 43}"}
    assert browser.get("/v1/pair", headers=wrong).status_code == 401


def test_a_new_pairing_locks_the_browser_before_it_out(
    daemon: Daemon, site: httpx.Client, browser: httpx.Client
) -> None:
    code = offered(site)
    assert browser.get("/v1/pair").status_code == 200  # until the code is used
    with connect(daemon) as other:
        other.post("/v1/pair", json={"code": code}).raise_for_status()
        assert other.get("/v1/pair").json() == {"station": "dock"}
    gone = browser.get("/v1/pair")
    assert (gone.status_code, gone.json()["detail"]) == (
        401, "The key 'station:dock' was revoked; ask for a new one.",
    )  # fmt: skip


@pytest.mark.parametrize("end", ["unpair", "delete", "revoke"])
def test_a_browser_is_locked_out_in_three_ways(
    site: httpx.Client, browser: httpx.Client, end: str
) -> None:
    match end:
        case "unpair":
            for _ in range(2):
                assert site.post("/v1/stations/dock/unpair").status_code == 204
        case "delete":
            assert site.delete("/v1/stations/dock").status_code == 204
        case _:
            assert site.delete("/v1/keys/station:dock").status_code == 204
    # As often as a page asks that does not know yet: nobody guesses here.
    codes = {browser.get("/v1/pair").status_code for _ in range(MOST_FAILURES + 2)}
    assert codes == {401}
    if end != "delete":
        assert site.get("/v1/stations/dock").json()["paired"] is False
        offered(site)


def test_a_renamed_station_keeps_its_browser(site: httpx.Client, browser: httpx.Client) -> None:
    site.put("/v1/stations/dock", json={"name": "gate"}).raise_for_status()
    assert browser.get("/v1/pair").json() == {"station": "gate"}


@pytest.mark.threat("T7")
def test_a_made_up_cookie_is_a_wrong_key(daemon: Daemon, site: httpx.Client) -> None:
    made_up = {"Cookie": f"gw_station=gw_00000000_{'x' * 43}"}
    with connect(daemon) as guesser:
        codes = [guesser.get("/v1/jobs", headers=made_up).status_code for _ in range(22)]
        assert codes == [401] * MOST_FAILURES + [429] * 2
        # Here local access is open again, and an old cookie shuts nobody out of this computer.
        opened = {"value": "open"}
        site.put("/v1/settings/local_access", json=opened).raise_for_status()
        assert guesser.get("/v1/jobs", headers=made_up).status_code == 200


def test_two_cookie_headers_are_refused(daemon: Daemon) -> None:
    with connect(daemon) as client:
        answer = client.get("/v1/jobs", headers=[("Cookie", "a=1"), ("Cookie", "gw_station=x")])
        assert answer.status_code == 400


@pytest.mark.parametrize("code", ["1234567", "123456789", "1234567x", 12345678, None, "١٢٣٤٥٦٧٨"])
def test_what_is_no_code_is_no_guess(daemon: Daemon, site: httpx.Client, code: object) -> None:
    with connect(daemon) as client:
        for _ in range(MOST_WRONG_EACH + 1):
            refused = client.post("/v1/pair", json={"code": code})
            assert (refused.status_code, refused.json()["detail"][:26]) == (
                422, "'code' must be 8 digits, g",
            )  # fmt: skip


@pytest.mark.threat("T7")
def test_wrong_codes_are_counted_and_a_guesser_is_not_looked_at(
    daemon: Daemon, site: httpx.Client
) -> None:
    code = offered(site).replace(" ", "")
    wrong = f"{(int(code) + 1) % 10**8:08}"
    with connect(daemon) as guesser:
        codes = [guesser.post("/v1/pair", json={"code": wrong}).status_code for _ in range(10)]
        assert codes == [401] * MOST_WRONG_EACH
        late = guesser.post("/v1/pair", json={"code": code})
        assert (late.status_code, int(late.headers["retry-after"]) <= 60) == (429, True)


class TestCodes:
    def test_a_code_works_once(self) -> None:
        codes = PairingCodes()
        code = codes.offer(7)
        assert codes.take(code, "10.0.0.9") == 7
        with pytest.raises(NotAuthenticated):
            codes.take(code, "10.0.0.9")

    def test_a_new_code_ends_the_one_before_and_leaves_other_stations_theirs(self) -> None:
        codes = PairingCodes()
        before, other, code = codes.offer(7), codes.offer(8), codes.offer(7)
        with pytest.raises(NotAuthenticated):
            codes.take(before, "a")
        assert (codes.take(code, "a"), codes.take(other, "a")) == (7, 8)

    def test_a_code_ends_after_ten_minutes(self) -> None:
        at = 0.0
        codes = PairingCodes(lambda: at)
        code = codes.offer(7)
        at = LIVES - 0.001
        other = codes.offer(8)
        assert codes.take(code, "a") == 7
        at = 2 * LIVES
        with pytest.raises(NotAuthenticated):
            codes.take(other, "a")

    def test_a_withdrawn_code_is_no_code(self) -> None:
        codes = PairingCodes()
        code = codes.offer(7)
        codes.withdraw(7)
        with pytest.raises(NotAuthenticated):
            codes.take(code, "a")

    @pytest.mark.threat("T7")
    def test_a_hundred_wrong_ones_from_anywhere_end_all_codes(self) -> None:
        codes = PairingCodes(lambda: 0.0)
        code = codes.offer(7)
        wrong = f"{(int(code) + 1) % 10**8:08}"
        for number in range(MOST_WRONG):
            with pytest.raises(NotAuthenticated):
                codes.take(wrong, f"10.0.0.{number}")
        with pytest.raises(NotAuthenticated):
            codes.take(code, "10.0.1.1")
        assert codes.take(codes.offer(7), "10.0.1.1") == 7

    @pytest.mark.threat("T7")
    def test_who_is_not_looked_at_ends_nobody_elses_code(self) -> None:
        codes = PairingCodes(lambda: 0.0)
        code = codes.offer(7)
        wrong = f"{(int(code) + 1) % 10**8:08}"
        for number in range(MOST_WRONG * 2):
            with pytest.raises(NotAuthenticated if number < MOST_WRONG_EACH else TooMany):
                codes.take(wrong, "10.0.0.9")
        assert codes.take(code, "10.0.1.1") == 7
