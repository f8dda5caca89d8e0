"""Scanners over HTTP: virtual ones take the way of any other, from the device to the answer."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gateway.api.scanners import calibrated, to_listen_to
from gateway.errors import DeviceUnreachable
from gateway.scanners.browser_keys import PLACES
from gateway.scanners.calibration import CODES
from gateway.scanners.finding import FoundScanner
from gateway.scanners.keys import decode_keys, pack_keys, type_text
from gateway.scanners.layouts import layout_of
from gateway.scanners.outcomes import Outcome
from gateway.scanners.reads import Read
from gateway.scanners.scanner import Profile, Scanner
from gateway.scanners.virtual import VirtualScanner, virtual_scanner
from gateway.scanning import Taught
from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.conftest import Daemon

pytestmark = pytest.mark.both_databases


MOST_SILENCE = 3
"""Signs of life without any news before a test gives up."""


def news(web: httpx.Client, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield kinds and bodies of the feed's entries from its beginning, as they come."""
    silence = 0
    with web.stream("GET", f"/v1/events?after=0&kind={kind}") as answer:
        for line in answer.iter_lines():
            if line.startswith("data:"):
                entry = json.loads(line[5:])
                yield entry["type"], entry["data"]
            elif line.startswith(":"):
                silence += 1
                assert silence < MOST_SILENCE, "nothing comes any more"


def wait_for(web: httpx.Client, kind: str, wanted: Callable[[dict[str, Any]], bool]) -> Any:
    """Return the body of the first entry of the feed that is wanted; it may be there already."""
    return next(body for _, body in news(web, kind) if wanted(body))


@pytest.fixture
def away() -> Iterator[str]:
    """The address of a scanner that is switched off: nothing listens at the port."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"tcp://127.0.0.1:{held.getsockname()[1]}"


@pytest.fixture
def gun(web: httpx.Client) -> Iterator[VirtualScanner]:
    """A virtual scanner that the gateway listens to, at no station."""
    web.put("/v1/scanners/gun", json={"url": "virtual:"}).raise_for_status()
    wait_for(web, "scanner.connected", lambda body: body["scanner"] == "gun")
    yield virtual_scanner("gun")
    virtual_scanner("gun").plug()
    web.delete("/v1/scanners/gun").raise_for_status()


def test_a_scanner_is_made_shown_listed_changed_and_deleted(web: httpx.Client, away: str) -> None:
    web.put("/v1/stations/dock", json={}).raise_for_status()
    made = web.put(
        "/v1/scanners/left",
        json={"url": away, "options": {"suffix": "tab", "gs": "|"},
              "station": "DOCK"},
    )  # fmt: skip
    assert (made.status_code, made.headers["location"], made.headers["etag"]) == (
        201, "/v1/scanners/left", '"1"',
    )  # fmt: skip
    shown = made.json()
    status = shown.pop("status")
    assert (status["heard_at"], status["reads"], status["grabbed"]) == (None, 0, False)
    assert shown.pop("created_at") == shown.pop("changed_at")
    gateway = shown.pop("gateway")
    assert gateway is None or isinstance(gateway, str)
    assert shown == {
        "name": "left", "url": away, "options": {"suffix": "tab", "gs": "|"},
        "station": "dock", "paused": False, "virtual": False, "note": "", "version": 1,
        "links": {"self": "/v1/scanners/left"},
    }  # fmt: skip
    lost = wait_for(web, "scanner.lost", lambda body: body["scanner"] == "left")
    assert (lost["station"], lost["condition"]) == ("dock", "unreachable")
    listed = web.get("/v1/stations/dock").json()["scanners"]
    assert [(one["name"], one["status"]["condition"]) for one in listed] == [
        ("left", "unreachable")
    ]
    changed = web.put(
        "/v1/scanners/LEFT", headers={"If-Match": '"1"'},
        json={"name": "right", "station": None, "options": {}},
    ).json()  # fmt: skip
    assert (changed["name"], changed["station"], changed["options"], changed["url"]) == (
        "right", None, {}, away,
    )  # fmt: skip
    late = web.put("/v1/scanners/right", json={}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["type"]) == (412, "/problems/stale")
    taken = web.put("/v1/scanners/other", json={"url": away})
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/in-use")
    names = [one["name"] for one in web.get("/v1/scanners").json()["items"]]
    assert names == ["right"]
    assert web.delete("/v1/scanners/right", headers={"If-Match": '"1"'}).status_code == 412
    assert web.delete("/v1/scanners/right").status_code == 204
    gone = web.get("/v1/scanners/right")
    assert (gone.status_code, gone.json()["type"]) == (404, "/problems/unknown-scanner")
    web.delete("/v1/stations/dock").raise_for_status()


def test_what_a_virtual_scanner_reads_is_answered_there_and_in_the_feed(
    shared_daemon: Daemon, web: httpx.Client, gun: VirtualScanner
) -> None:
    web.put("/v1/items/DRILL", json={"name": "Bench drill"}).raise_for_status()
    web.put("/v1/stations/desk", json={}).raise_for_status()
    web.put("/v1/scanners/gun", json={"station": "desk"}).raise_for_status()
    scanned = web.post("/v1/scanners/gun/scan", json={"code": "DRILL"}).json()
    assert scanned["scanner"] == "gun"
    scan = scanned["scan"]
    assert (scan["outcome"], scan["station"], scan["scan"]) == ("done", "desk", "DRILL")
    assert scan["cards"][0]["kind"] == "item"
    unknown = web.post("/v1/scanners/gun/scan", json={"code": "NOBODY-KNOWS"}).json()["scan"]
    assert (unknown["outcome"], unknown["code"]) == ("refused", "code_unknown")
    # The person who holds it hears the same.
    assert gun.wait_told(2, 10)[-2:] == (Outcome.DONE, Outcome.REFUSED)
    row = web.get("/v1/scans?station=desk&limit=1").json()["items"][0]
    assert (row["code"], row["scanner"], row["actor"]) == ("NOBODY-KNOWS", "gun", "scanner:gun")
    status = web.get("/v1/scanners/gun").json()["status"]
    assert (status["condition"], status["reads"]) == ("listening", 2)
    assert status["heard_at"].endswith("Z")
    web.delete("/v1/stations/desk").raise_for_status()
    assert web.get("/v1/scanners/gun").json()["station"] is None
    assert shared_daemon.gateway.parts.scanners.find("gun").station is None


def test_a_scan_of_no_station_is_looked_up(web: httpx.Client, gun: VirtualScanner) -> None:
    web.put("/v1/items/SAW", json={"name": "Saw"}).raise_for_status()
    scan = web.post("/v1/scanners/gun/scan", json={"code": "SAW"}).json()["scan"]
    assert (scan["outcome"], scan["station"]) == ("look", "")
    assert scan["sentence"].endswith("Scanner gun belongs to no station yet.")


def test_a_stations_barcode_brings_the_scanner_that_reads_it(daemon: Daemon) -> None:
    with connect(daemon) as web:
        web.put("/v1/stations/gate", json={}).raise_for_status()
        code = web.get("/v1/stations/gate").json()["code"]
        web.put("/v1/scanners/mover", json={"url": "virtual:"}).raise_for_status()
        wait_for(web, "scanner.connected", lambda body: body["scanner"] == "mover")
        scan = web.post("/v1/scanners/mover/scan", json={"code": code}).json()["scan"]
        assert scan["sentence"] == "This scanner belongs to station gate now."
        assert web.get("/v1/scanners/mover").json()["station"] == "gate"
        forged = code[:-3] + ("A" if code[-3] != "A" else "B") + code[-2:]
        refused = web.post("/v1/scanners/mover/scan", json={"code": forged}).json()["scan"]
        assert refused["outcome"] == "refused"
        web.put("/v1/items/SAW", json={"name": "Saw"}).raise_for_status()
        scan = web.post("/v1/scanners/mover/scan", json={"code": "SAW"}).json()["scan"]
        assert (scan["outcome"], scan["station"]) == ("done", "gate")


def test_the_same_code_again_at_once_is_the_same_scan(
    web: httpx.Client, gun: VirtualScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.put("/v1/scanners/gun", json={"options": {"repeat_ms": 10_000}}).raise_for_status()
    first = web.post("/v1/scanners/gun/scan", json={"code": "TWICE"}).json()
    assert first["scan"]["outcome"] == "refused"
    monkeypatch.setattr("gateway.api.scanners.ANSWERED_WITHIN", 0.05)
    again = web.post("/v1/scanners/gun/scan", json={"code": "TWICE"}).json()
    assert again == {"scanner": "gun", "scan": None}


def test_a_scanner_is_let_go_and_taken_again_by_one_touch(
    web: httpx.Client, gun: VirtualScanner
) -> None:
    for away, back in (("pause", "resume"), ("release", "grab")):
        paused = web.post(f"/v1/scanners/gun/{away}").json()
        assert (paused["paused"], paused["version"]) == (True, 1)
        silent = web.post("/v1/scanners/gun/scan", json={"code": "A1"})
        assert (silent.status_code, silent.json()["type"]) == (503, "/problems/device-unreachable")
        assert web.post(f"/v1/scanners/gun/{back}").json()["paused"] is False


def test_a_wedge_says_what_it_silences_and_lets_it_through_by_one_touch(
    web: httpx.Client, gun: VirtualScanner
) -> None:
    made = web.put("/v1/scanners/wedge", json={"url": "wedge:0c2e:0b61/NOT-HERE"}).json()
    assert made["note"] == (
        "While it is grabbed, nothing it reads reaches any other window of the gateway's computer; "
        "release it to type elsewhere."
    )
    assert web.post("/v1/scanners/wedge/release").json()["note"] == ""
    through = web.post("/v1/scanners/wedge/pass-through").json()
    assert (through["paused"], through["options"], through["note"][:40]) == (
        False, {"pass_through": True}, "What it reads and the gateway refuses is",
    )  # fmt: skip
    again = web.post("/v1/scanners/wedge/grab").json()
    assert (again["options"], again["note"]) == ({}, made["note"])
    listening = {"options": {"grab": False}}
    assert web.put("/v1/scanners/wedge", json=listening).json()["note"] == ""
    web.delete("/v1/scanners/wedge").raise_for_status()
    refused = web.post("/v1/scanners/gun/pass-through")
    assert (refused.status_code, refused.json()["detail"][:38]) == (
        409, "Scanner 'gun' does not type into windo",
    )  # fmt: skip


def test_a_cable_that_is_pulled_and_put_back_is_told(
    web: httpx.Client, gun: VirtualScanner
) -> None:
    gun.unplug()
    lost = wait_for(web, "scanner.lost", lambda body: body["scanner"] == "gun")
    assert (lost["condition"], lost["station"]) == ("unreachable", "")
    gun.plug()
    seen: list[str] = []
    for kind, body in news(web, "scanner"):
        if body["scanner"] == "gun" and kind in ("scanner.connected", "scanner.lost"):
            seen.append(kind)
        if seen[-2:] == ["scanner.lost", "scanner.connected"]:
            break
    scan = web.post("/v1/scanners/gun/scan", json={"code": "BACK"}).json()["scan"]
    assert scan["outcome"] == "refused"


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({}, 422, "A new scanner needs its 'url', such as serial:///dev/ttyACM0, or virtual:"),
        ({"url": "virtual:", "option": {}}, 422, "A scanner has no 'option'; did you mean"),
        ({"url": 7}, 422, "A scanner's 'url' must be a text, got 7."),
        ({"url": "smoke://signals"}, 422, "A scanner's URL cannot begin with 'smoke'; "),
        ({"url": "virtual:", "options": []}, 422, "A scanner's 'options' must be an object, got"),
        ({"url": "virtual:", "options": {"sufix": "cr"}}, 422, "A scanner has no option 'sufix'"),
        ({"url": "virtual:", "station": "nowhere"}, 404, "There is no station 'nowhere'"),
        ({"url": "virtual:", "station": 4}, 422, "A scanner's 'station' must be a text, got 4."),
        ({"url": "virtual:", "name": "a b"}, 422, "'a b' cannot be a scanner's name; "),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence(
    web: httpx.Client, body: dict[str, Any], status: int, sentence: str
) -> None:
    refused = web.put("/v1/scanners/never", json=body)
    assert refused.status_code == status
    assert refused.json()["detail"].startswith(sentence)
    assert web.get("/v1/scanners/never").status_code == 404


def pull(device: VirtualScanner, code: str) -> None:
    """Scan as soon as anybody listens."""
    until = time.monotonic() + 60
    while True:
        try:
            device.scan(code)
        except DeviceUnreachable:
            assert time.monotonic() < until
            time.sleep(0.01)
        else:
            return


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> dict[str, FoundScanner]:
    """What is found on a computer with four devices, one of which nobody may use."""
    found = [
        FoundScanner("virtual:left", "serial", "Honeywell Xenon", "S1", True),
        FoundScanner("virtual:right", "serial", "/dev/ttyACM1: Honeywell Xenon", "S2", True,
                     Profile(suffix="tab"), feedback="honeywell_esc"),
        FoundScanner("virtual:desk", "wedge", "USB Keyboard", "", False, note="It types."),
        FoundScanner("virtual:shut", "hid", "Zebra DS2208", "", True, problem="Not for you."),
    ]  # fmt: skip
    monkeypatch.setattr("gateway.scanners.finding.find_scanners", lambda: found)
    return {one.url: one for one in found}


def test_scanners_that_are_there_are_offered_and_none_is_added(
    web: httpx.Client, there: dict[str, FoundScanner]
) -> None:
    web.put("/v1/scanners/honeywell-xenon", json={"url": "virtual:left"}).raise_for_status()
    offers = web.get("/v1/scanners/found").json()
    assert offers["next"] is None
    assert offers["items"] == [
        {"url": "virtual:left", "kind": "serial", "title": "Honeywell Xenon", "serial": "S1",
         "likely": True, "options": {}, "feedback": "none", "scanner": "honeywell-xenon",
         "name": "", "sentence": ""},
        {"url": "virtual:right", "kind": "serial", "title": "/dev/ttyACM1: Honeywell Xenon",
         "serial": "S2", "likely": True, "options": {"suffix": "tab"},
         "feedback": "honeywell_esc", "scanner": None,
         "name": "ttyacm1-honeywell-xenon", "sentence": ""},
        {"url": "virtual:desk", "kind": "wedge", "title": "USB Keyboard", "serial": "",
         "likely": False, "options": {}, "feedback": "none", "scanner": None,
         "name": "usb-keyboard", "sentence": "It types."},
        {"url": "virtual:shut", "kind": "hid", "title": "Zebra DS2208", "serial": "",
         "likely": True, "options": {}, "feedback": "none", "scanner": None, "name": "",
         "sentence": "Not for you."},
    ]  # fmt: skip
    assert [one["name"] for one in web.get("/v1/scanners").json()["items"]] == ["honeywell-xenon"]
    web.delete("/v1/scanners/honeywell-xenon").raise_for_status()


def test_a_scan_teaches_which_one_is_in_the_hand(
    web: httpx.Client, there: dict[str, FoundScanner]
) -> None:
    with ThreadPoolExecutor(1) as hand:
        pulled = hand.submit(pull, virtual_scanner("right"), "ANYTHING")
        taught = web.post("/v1/scanners/teach", json={})
        pulled.result()
    assert taught.status_code == 200, taught.text
    assert [one["url"] for one in taught.json()["items"]] == ["virtual:right"]
    assert (taught.json()["text"], taught.json()["unheard"]) == ("ANYTHING", [])
    # Nothing was done with it, and the scanner that beeped is let go.
    assert "ANYTHING" not in {scan["code"] for scan in web.get("/v1/scans").json()["items"]}
    assert virtual_scanner("right").told()[-1] is Outcome.DONE
    with pytest.raises(DeviceUnreachable):
        virtual_scanner("right").scan("LATER")


def test_nobodys_keyboard_is_grabbed_for_a_lesson(there: dict[str, FoundScanner]) -> None:
    left = Scanner(1, "left", "virtual:left")
    assert to_listen_to(there.values(), [left]) == {
        "virtual:right": Profile(suffix="tab"), "virtual:desk": Profile(grab=False),
    }  # fmt: skip


def test_a_lesson_ends_without_an_answer_and_says_who_could_not_be_heard(
    web: httpx.Client, there: dict[str, FoundScanner]
) -> None:
    virtual_scanner("left").unplug()
    try:
        taught = web.post("/v1/scanners/teach", json={"seconds": 1}).json()
    finally:
        virtual_scanner("left").plug()
    assert taught == {
        "items": [], "text": "", "options": {},
        "unheard": [{"url": "virtual:left",
                     "sentence": "The virtual scanner 'left' is unplugged."}],
    }  # fmt: skip
    refused = web.post("/v1/scanners/teach", json={"seconds": 1000})
    assert (refused.status_code, refused.json()["detail"]) == (
        422, "'seconds' must be a number from 1 to 120, got 1000.",
    )  # fmt: skip


def test_a_scan_of_the_calibration_code_tells_which_keyboard_it_is() -> None:
    code = CODES[0].sent.replace("\x1d", "|")
    keys = type_text(f"{code}\r", layout_of("de"))
    read = Read(pack_keys(keys), "garbled", fault="characters")
    assert calibrated(Taught("wedge:0c2e:0b61/A", read, {})) == {"layout": "de", "gs": "|"}
    assert calibrated(Taught("wedge:0c2e:0b61/A", Read(b"A1", "A1"), {})) == {}
    assert calibrated(Taught("serial:///dev/ttyACM0", read, {})) == {}
    assert calibrated(Taught("", None, {})) == {}
    sent = f"\x02{CODES[0].sent}\t"
    assert calibrated(Taught("serial:///dev/ttyACM0", Read(sent.encode(), sent), {})) == {
        "prefix": "\x02", "suffix": "tab",
    }  # fmt: skip
    lost = f"]Q1{CODES[0].sent}\r".replace("\x1d", "")
    assert calibrated(Taught("tcp://10.0.0.9", Read(lost.encode(), lost), {})) == {
        "aim": True, "gs": "lost",
    }  # fmt: skip
    assert calibrated(Taught("hid:0c2e:0b61/A", Read(sent.encode(), sent), {})) == {}


NAMES = {code: name for name, code in PLACES.items()}


@pytest.mark.seed("A23")
@pytest.mark.parametrize(("scanner", "right"), [("us", True), ("de", False), ("fr", False)])
def test_keys_that_a_page_saw_tell_which_keyboard_a_scanner_types_on(
    web: httpx.Client, scanner: str, right: bool
) -> None:
    code = f"{CODES[0].sent}\r".replace("\x1d", "|")
    keys = type_text(code, layout_of(scanner))
    seen = decode_keys(keys, layout_of("us"))  # the computer of the page is set to this one
    body = {"keys": [[NAMES[key], value == 1] for key, value in keys], "typed": seen}
    told = web.post("/v1/scanners/calibrate", json=body).json()
    assert told["layouts"][0] == {"name": scanner, "title": layout_of(scanner).title}
    assert told["right"] is right
    options = {"layout": scanner, "gs": "|"}
    assert (told["options"], told["suffix"]) == (options, "\r")
    by_text = web.post("/v1/scanners/calibrate", json={"typed": code[:40], "layout": "us"}).json()
    assert (by_text["layouts"], by_text["options"]) == ([], {})


@pytest.mark.parametrize(
    "keys", [7, [["KeyA"]], [["KeyA", 1]], [[7, True]], [["KeyA", True]] * 5001]
)
def test_what_is_no_list_of_keys_is_refused(web: httpx.Client, keys: object) -> None:
    refused = web.post("/v1/scanners/calibrate", json={"keys": keys})
    assert (refused.status_code, "'keys' must be a list" in refused.text) == (422, True)


@pytest.mark.seed("A23")
def test_a_scanner_is_tried_byte_by_byte_and_nothing_is_done(
    web: httpx.Client, gun: VirtualScanner
) -> None:
    before, beeps = web.get("/v1/scans").json()["items"], len(gun.told())
    begun = web.post("/v1/scanners/gun/trial", json={})
    assert (begun.status_code, begun.json()["on"], begun.json()["reads"]) == (200, True, [])
    said = web.post("/v1/scanners/gun/scan", json={"code": "21A\x1d10B"}).json()
    assert said == {"scanner": "gun", "scan": None}
    gun.put(b"\xff\xfe\r")
    gun.wait_told(beeps + 2, 60)
    assert gun.told()[-2:] == (Outcome.DONE, Outcome.REFUSED)
    seen = web.get("/v1/scanners/gun/trial").json()["reads"]
    assert [(one["number"], one["bytes"], one["text"], one["fault"]) for one in seen] == [
        (2, "fffe0d", r"\ufffd\ufffd", "encoding"), (1, b"21A\x1d10B\r".hex(), "21A\x1d10B", ""),
    ]  # fmt: skip
    assert seen[0]["sentence"].startswith("The scanner sent bytes that are no text.")
    assert web.get("/v1/scans").json()["items"] == before
    assert web.delete("/v1/scanners/gun/trial").status_code == 204
    assert web.get("/v1/scanners/gun/trial").json()["on"] is False
    counted = web.post("/v1/scanners/gun/scan", json={"code": "COUNTS"}).json()["scan"]
    assert counted["scan"] == "COUNTS"
    assert len(web.get("/v1/scanners/gun/trial").json()["reads"]) == 2
    refused = web.post("/v1/scanners/gun/trial", json={"seconds": 601})
    assert refused.json()["detail"] == "'seconds' must be a number from 1 to 600, got 601."


def test_a_word_of_the_routes_is_no_name(web: httpx.Client) -> None:
    for name, body in (("found", {}), ("test", {}), ("gun", {"name": "Teach"})):
        refused = web.put(f"/v1/scanners/{name}", json={"url": "virtual:x", **body})
        assert (refused.status_code, "is a word of the API" in refused.text) == (422, True)


def test_only_a_virtual_scanner_is_scanned_with_by_a_program(web: httpx.Client, away: str) -> None:
    web.put("/v1/scanners/far", json={"url": away}).raise_for_status()
    refused = web.post("/v1/scanners/far/scan", json={"code": "A1"})
    assert (refused.status_code, refused.json()["detail"]) == (
        409, "Scanner 'far' is not a virtual one; scan with the device itself.",
    )  # fmt: skip
    web.delete("/v1/scanners/far").raise_for_status()


def test_who_scans_may_release_and_only_an_administrator_changes(
    shared_daemon: Daemon, web: httpx.Client, gun: VirtualScanner
) -> None:
    with connect(shared_daemon, make_key(shared_daemon, "floor", "read", "scan")) as client:
        assert client.get("/v1/scanners/gun").status_code == 200
        assert client.post("/v1/scanners/gun/release").status_code == 200
        assert client.post("/v1/scanners/gun/grab").status_code == 200
        assert client.put("/v1/scanners/gun", json={}).status_code == 403
        assert client.delete("/v1/scanners/gun").status_code == 403
