"""Scanners: which device is which, whose station's it is, and how it is."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Response

from gateway.api.access import Actor, Who, needs
from gateway.api.changes import JsonObject
from gateway.api.etags import IfMatch, IfNoneMatch, etag, seen, version_of
from gateway.api.finding import apart
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.showing import Json, after_name, answer, listed, page_of, rfc3339
from gateway.codes.clean import GS
from gateway.errors import DeviceUnreachable, InputRefused, NotNow, ScannerRefused
from gateway.scanners.scanner import (
    USUAL,
    Profile,
    Scanner,
    ScannerStatus,
    profile_options,
    read_profile,
)
from gateway.stations.heard import FAULTS
from gateway.store.engine import Transaction
from gateway.store.feed import entries_after, last_entry
from gateway.store.scanners import ScannerSettings, settings_of

if TYPE_CHECKING:
    from gateway.scanners.finding import FoundScanner
    from gateway.scanning import Taught

KEYS = ("url", "options", "station", "name")

VIRTUAL = "virtual:"
"""The URL that asks for a virtual scanner of the scanner's own name."""

OPENED_WITHIN = 2.0
"""Seconds in which a virtual scanner that was just added is listened to."""

ANSWERED_WITHIN = 5.0
"""Seconds in which what a virtual scanner read has an answer, or will have none."""

TAUGHT_WITHIN, MOST_TAUGHT = 30.0, 120
"""Seconds to walk to a scanner and pull its trigger; at most."""

TRIED_FOR, LONGEST_TRIAL = 120.0, 600
"""Seconds in which a scanner is tried, unless others are asked for; at most."""

MOST_KEYS = 5000
"""Keys of a calibration code: 96 characters, each down and up, with Shift or Alt and digits."""

RESERVED = frozenset({"add", "calibrate", "found", "sheet", "teach", "test"})
"""Names that no scanner can have: they are words of the routes and of the screens."""

SILENCES = (
    "While it is grabbed, nothing it reads reaches any other window of the gateway's computer; "
    "release it to type elsewhere."
)
"""What to know of a scanner that imitates a keyboard."""

PASSES = (
    "What it reads and the gateway refuses is typed into the window that has the focus on the "
    "gateway's computer."
)
"""What to know of one whose rest passes through."""


def scanner_routes(parts: Parts) -> APIRouter:
    """Return the routes of scanners."""
    router = APIRouter(prefix="/v1/scanners", tags=["scanners"])
    store = parts.scanners

    def shown(scanner: Scanner) -> Json:
        return show_scanner(parts, scanner)

    @router.get("", dependencies=[needs("read")], summary="List the scanners with their status")
    async def list_scanners(
        after: str | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> Response:
        found = after_name(store.all(), after)
        return answer(page_of(found, limit, shown, lambda one: one.name))

    @router.get("/found", dependencies=[needs("admin")], summary="Look for scanners")
    async def find() -> Response:
        """Keyboards, HID POS and serial ports of the gateway's computer that are, or may be,
        scanners. What is found is offered, never added: `name` is one that is free, empty where
        nothing is to be added; `title` may hold a device's own words: trust nothing in it."""
        return answer(listed([offer(one) for one in await apart(look)]))

    @router.post("/teach", dependencies=[needs("admin")], summary="Which one is it?")
    async def teach(body: JsonObject) -> Response:
        """Scan anything with the scanner you want to add, within `seconds` (30): `items` has the
        one that read first, `text` what it read. All that are found and not added yet are opened
        so long. One that is surely a scanner types for the gateway only meanwhile. If what it read
        is the QR Code of `/calibration`, `options` are those it needs: which keyboard it types on,
        how it sends GS, what it puts before and behind a code."""
        refuse_unknown(body, ("seconds",), "A lesson")
        seconds = _seconds(body.get("seconds"))
        found = {one.url: one for one in await apart(look)}
        profiles = to_listen_to(found.values(), store.all())
        taught = await apart(lambda: parts.scan_room.teach(profiles, seconds))
        unheard = [{"url": url, "sentence": said} for url, said in taught.unheard.items()]
        items = [offer(found[taught.url])] if taught.url else []
        text = "" if taught.read is None else taught.read.text
        options = calibrated(taught)
        return answer({"items": items, "text": text, "options": options, "unheard": unheard})

    @router.post("/calibrate", dependencies=[needs("read")], summary="Which keyboard is it?")
    async def calibrate(body: JsonObject) -> Response:
        """For a scanner that types into a page: `keys` are what came of the QR Code of
        `/calibration`, each with its name (`KeyboardEvent.code`) and whether it went down, such as
        `["KeyA", true]`; `typed` is the text that the page saw. Without `keys` the text alone is
        looked at, as typed on a computer whose keyboard is set to `layout` (us). `layouts` are the
        keyboards that explain it, `options` those of the scanner, and `right` says whether the text
        arrived as it is printed."""
        return answer(await parts.away(lambda: calibrate_typed(body)))

    def look() -> list[FoundScanner]:
        from gateway.scanners.finding import find_scanners

        return find_scanners()

    def offer(found: FoundScanner) -> Json:
        scanner = next((one for one in store.all() if one.url == found.url), None)
        usable = scanner is None and not found.problem
        return show_found(found, scanner, free_name(found, store.all()) if usable else "")

    @router.get("/{name}", dependencies=[needs("read")], summary="A scanner and how it is")
    async def get_scanner(name: str) -> Response:
        scanner = store.find(name)
        return answer(shown(scanner), headers={"etag": etag(scanner.version)})

    @router.put("/{name}", dependencies=[needs("admin")], summary="Make or change a scanner")
    async def put_scanner(
        name: str,
        body: JsonObject,
        who: Who,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """What the body leaves out stays as it was; `options` are taken whole. `station` names
        whose scans they are, null nobody's: then they are only looked up. The url `virtual:` asks
        for a scanner that is a program. A scanner that imitates a keyboard is grabbed: see
        `note`."""
        version = version_of(f"Scanner {name!r}", seen(if_match, if_none_match))
        was = next((one for one in store.all() if one.name.lower() == name.lower()), None)
        settings = read_scanner(parts, name, body, was)
        rename = body.get("name")
        if rename is not None and not isinstance(rename, str):
            raise InputRefused(f"A scanner's 'name' must be a text, got {say(rename)}.", key="name")
        if (rename or name).lower() in RESERVED:
            raise InputRefused(
                f"{rename or name!r} is a word of the API; choose another name for the scanner.",
                key="name",
            )

        def work(t: Transaction) -> tuple[Scanner, bool]:
            return store.put(t, name, settings, who.name, version=version, rename=rename)

        async with parts.changing:
            scanner, new = await parts.database.write(work)
            await parts.away(lambda: parts.scan_room.put(scanner))
        headers = {"etag": etag(scanner.version), "location": f"/v1/scanners/{scanner.name}"}
        return answer(shown(scanner), 201 if new else 200, headers)

    @router.delete("/{name}", dependencies=[needs("admin")], summary="Delete a scanner")
    async def delete_scanner(name: str, who: Who, if_match: IfMatch = None) -> Response:
        """The device is let go of; its scans are kept."""
        version = version_of(f"Scanner {name!r}", seen(if_match, None))
        number = version if isinstance(version, int) else None
        async with parts.changing:
            scanner = await parts.database.write(
                lambda t: store.delete(t, name, who.name, version=number)
            )
            await parts.away(lambda: parts.scan_room.remove(scanner.id))
        return Response(status_code=204)

    @router.post("/{name}/trial", dependencies=[needs("scan")], summary="Try a scanner")
    async def start_trial(name: str, body: JsonObject, who: Who) -> Response:
        """For `seconds` (120) what it reads is shown here and nothing is done with it."""
        refuse_unknown(body, ("seconds",), "A trial")
        seconds = _seconds(body.get("seconds"), TRIED_FOR, LONGEST_TRIAL)
        scanner = store.find(name)
        must_hold(parts, who, scanner)
        store.must_be_ours(scanner, "try it")
        parts.scan_room.try_out(scanner.id, seconds)
        return answer(show_trial(parts, scanner))

    @router.get("/{name}/trial", dependencies=[needs("scan")], summary="What a tried scanner read")
    async def get_trial(name: str, who: Who) -> Response:
        """The newest first, at most 20: the `bytes` that came in hexadecimal, framing included (of
        a scanner that types they are its keys, and `keys` is true), and what they are taken for.
        `on` is whether its reads are held back now."""
        scanner = store.find(name)
        must_hold(parts, who, scanner)
        return answer(show_trial(parts, scanner))

    @router.delete("/{name}/trial", dependencies=[needs("scan")], summary="End a trial")
    async def end_trial(name: str, who: Who) -> Response:
        """What it reads counts again."""
        scanner = store.find(name)
        must_hold(parts, who, scanner)
        parts.scan_room.end_trial(scanner.id)
        return Response(status_code=204)

    async def set_paused(name: str, paused: bool, who: Actor) -> Response:
        must_hold(parts, who, store.find(name))
        async with parts.changing:
            scanner = await parts.database.write(
                lambda t: store.set_paused(t, name, paused, who.name)
            )
            await parts.away(lambda: parts.scan_room.put(scanner))
        return answer(shown(scanner), headers={"etag": etag(scanner.version)})

    @router.post("/{name}/pause", dependencies=[needs("scan")], summary="Let a scanner go")
    async def pause_scanner(name: str, who: Who) -> Response:
        """Nothing it reads is taken; a keyboard wedge types into other windows meanwhile."""
        return await set_paused(name, True, who)

    @router.post("/{name}/resume", dependencies=[needs("scan")], summary="Listen to it again")
    async def resume_scanner(name: str, who: Who) -> Response:
        return await set_paused(name, False, who)

    @router.post("/{name}/release", dependencies=[needs("scan")], summary="Release a wedge")
    async def release_scanner(name: str, who: Who) -> Response:
        """The same as `pause`, as people call it who want to type elsewhere: one touch."""
        return await set_paused(name, True, who)

    async def take_up(name: str, passing: bool, who: Actor) -> Response:
        must_hold(parts, who, store.find(name))

        def work(t: Transaction) -> Scanner:
            was = store.find(name)
            profile = replace(was.profile, grab=True, pass_through=passing)
            if is_wedge(was) and profile != was.profile:
                settings = replace(settings_of(was), profile=profile)
                store.put(t, was.name, settings, who.name)
            return store.set_paused(t, was.name, False, who.name)

        async with parts.changing:
            scanner = await parts.database.write(work)
            await parts.away(lambda: parts.scan_room.put(scanner))
        return answer(shown(scanner), headers={"etag": etag(scanner.version)})

    @router.post("/{name}/grab", dependencies=[needs("scan")], summary="Grab a wedge again")
    async def grab_scanner(name: str, who: Who) -> Response:
        """It types for the gateway only; what that silences is in `note`. Any other scanner is
        listened to again, as by `resume`."""
        return await take_up(name, False, who)

    @router.post(
        "/{name}/pass-through", dependencies=[needs("scan")], summary="Let the rest pass through"
    )
    async def pass_through(name: str, who: Who) -> Response:
        """Grabbed, and what is refused here is typed into the window that has the focus."""
        scanner = store.find(name)
        if not is_wedge(scanner):
            raise NotNow(
                f"Scanner {scanner.name!r} does not type into windows, so nothing can pass "
                "through to them; leave it as it is.",
                scanner=scanner.name,
            )
        return await take_up(name, True, who)

    @router.post("/{name}/scan", dependencies=[needs("scan")], summary="Scan with a virtual one")
    async def scan_virtually(name: str, body: JsonObject, who: Who) -> Response:
        """`{"code": "A1"}`, and `aim` (`]C1`) if the scanner is to send it. Takes the way of any
        scanner's reads; `scan` is what came of it, null when nothing did within five seconds: the
        same code again at once is the same scan."""
        from gateway.scanners.virtual import name_of, virtual_scanner

        refuse_unknown(body, ("code", "aim"), "A scan")
        code, aim = _text(body, "code"), _text(body, "aim") if "aim" in body else ""
        scanner = store.find(name)
        must_hold(parts, who, scanner)
        if not scanner.url.startswith(VIRTUAL):
            raise NotNow(
                f"Scanner {scanner.name!r} is not a virtual one; scan with the device itself.",
                scanner=scanner.name,
            )
        store.must_be_ours(scanner, "scan with it")
        device = virtual_scanner(name_of(scanner.url))
        if (trial := parts.scan_room.trial(scanner.id)) is not None:
            before = trial.count
            await _pull_trigger(parts, scanner, lambda: device.scan(code, aim))
            await parts.away(lambda: trial.wait_for_more(before, ANSWERED_WITHIN))
            return answer({"scanner": scanner.name, "scan": None})
        since = last_entry(parts.database)
        await _pull_trigger(parts, scanner, lambda: device.scan(code, aim))
        station = parts.stations_store.by_id(scanner.station)
        subject = "scans" if station is None else f"stations/{station.name}"
        found: list[Json] = []

        def came() -> bool:
            found[:] = [
                scan
                for entry in entries_after(parts.database, since)
                if entry.kind.startswith("scan.")
                and (scan := json.loads(entry.body)).get("scanner") == scanner.name
            ]
            return bool(found)

        await parts.live.wait_for(subject, came, ANSWERED_WITHIN)
        return answer({"scanner": scanner.name, "scan": found[0] if found else None})

    return router


async def _pull_trigger(parts: Parts, scanner: Scanner, scan: Callable[[], None]) -> None:
    """Scan with a virtual scanner, which may have been added a moment ago.

    Raises:
        DeviceUnreachable: nobody listens to it.
    """
    until = time.monotonic() + OPENED_WITHIN
    while True:
        try:
            return await parts.away(scan)
        except DeviceUnreachable:
            if scanner.paused or time.monotonic() > until:
                raise
        await asyncio.sleep(0.02)


def must_hold(parts: Parts, who: Actor, scanner: Scanner) -> None:
    """Check that the actor may use a scanner: a paired browser may those of its own station.

    Raises:
        NotPermitted: it is the browser of another station.
    """
    station = parts.stations_store.by_id(scanner.station)
    who.must_be_at("no station" if station is None else station.name)


def is_wedge(scanner: Scanner) -> bool:
    """Return whether a scanner imitates a keyboard."""
    return scanner.url.startswith("wedge:")


def calibrated(taught: Taught) -> dict[str, object]:
    """Return the options that the calibration code tells of a scanner; none for any other code."""
    if taught.read is None or taught.url.startswith("hid:"):  # HID POS has no settings of these
        return {}
    from gateway.scanners.calibration import detect_layout, detect_sent

    if taught.url.startswith("wedge:"):
        return detect_layout([taught.read.raw]).options()
    return detect_sent(taught.read.whole).options()


def calibrate_typed(body: Mapping[str, object]) -> Json:
    """Return what the keys, or the text alone, that came of the calibration code tell.

    Raises:
        InputRefused: the body is not what a browser sends, or no key types a character of it.
    """
    from gateway.scanners.browser_keys import read_browser_keys
    from gateway.scanners.calibration import CODES, detect_layout, detect_typed
    from gateway.scanners.keys import pack_keys
    from gateway.scanners.layouts import load_layouts

    refuse_unknown(body, ("keys", "typed", "layout"), "A calibration")
    typed = _text(body, "typed") if "typed" in body else ""
    pairs = body.get("keys", [])
    if (
        len(typed) > MOST_KEYS
        or not isinstance(pairs, list)
        or len(pairs) > MOST_KEYS
        or not all(
            isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str)
            and isinstance(pair[1], bool) for pair in pairs
        )
    ):  # fmt: skip
        raise InputRefused(
            f"'keys' must be a list of at most {MOST_KEYS} such as [\"KeyA\", true].", key="keys"
        )
    if pairs:
        keys = read_browser_keys((name, down) for name, down in pairs)
        found = detect_layout([pack_keys(keys)])
    else:
        shown = _text(body, "layout") if "layout" in body else "us"
        found = detect_typed([typed], shown)
    titles = load_layouts()
    first = CODES[0].sent.partition(GS)[0]
    return {
        "layouts": [{"name": name, "title": titles[name].title} for name in found.layouts],
        "options": found.options(),
        "gs": found.gs,
        "prefix": found.prefix,
        "suffix": found.suffix,
        "aim": found.aim,
        "right": first in typed,
    }


def show_trial(parts: Parts, scanner: Scanner) -> Json:
    """Return what a scanner that is, or was, tried has read."""
    trial = parts.scan_room.last_trial(scanner.id)
    return {
        "scanner": scanner.name,
        "on": parts.scan_room.trial(scanner.id) is not None,
        "reads": [
            {
                "number": one.number,
                "at": rfc3339(one.at),
                "bytes": one.read.whole.hex(),
                "keys": is_wedge(scanner),
                "text": one.read.text,
                "aim": one.read.aim,
                "fault": one.read.fault,
                "sentence": FAULTS.get(one.read.fault, ""),
            }
            for one in ([] if trial is None else trial.reads())
        ],
    }


def show_found(found: FoundScanner, scanner: Scanner | None, name: str) -> Json:
    """Return what was found; with the scanner it is, if it was added, else a name for it."""
    return {
        "url": found.url,
        "kind": found.kind,
        "title": found.what,
        "serial": found.serial,
        "likely": found.likely,
        "options": profile_options(found.profile),
        "feedback": found.feedback,
        "scanner": None if scanner is None else scanner.name,
        "name": name,
        "sentence": found.problem or found.note,
    }


def to_listen_to(found: Iterable[FoundScanner], added: Iterable[Scanner]) -> dict[str, Profile]:
    """Return how each that may be the one in somebody's hand is to be opened, by URL.

    What was added has an owner. What may be somebody's keyboard goes on typing.
    """
    owned = {scanner.url for scanner in added}
    return {
        one.url: one.profile if one.likely else replace(one.profile, grab=False)
        for one in found
        if one.url not in owned and not one.problem
    }


def free_name(found: FoundScanner, taken: Iterable[Scanner]) -> str:
    """Return a name for a scanner that no other has.

    >>> from gateway.scanners.finding import FoundScanner
    >>> gun = FoundScanner("hid:0c2e:0b61@1-1", "hid", "Honeywell (Metrologic) scanner", "", True)
    >>> free_name(gun, []), free_name(gun, [Scanner(1, "Honeywell-Metrologic", "virtual:x")])
    ('honeywell-metrologic', 'honeywell-metrologic-2')
    """
    words = re.findall(r"[a-z0-9]+", found.what.rpartition("/")[2].lower())
    stem = "-".join(word for word in words if word != "scanner")[:30].strip("-") or found.kind
    names = {scanner.name.lower() for scanner in taken} | RESERVED
    if stem not in names:
        return stem
    return next(name for n in itertools.count(2) if (name := f"{stem}-{n}") not in names)


def _seconds(value: object, usual: float = TAUGHT_WITHIN, most: int = MOST_TAUGHT) -> float:
    if value is None:
        return usual
    if isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value <= most:
        return float(value)
    raise InputRefused(
        f"'seconds' must be a number from 1 to {most}, got {say(value)}.", key="seconds"
    )


def show_scanner(parts: Parts, scanner: Scanner) -> Json:
    """Return a scanner's settings with its status."""
    station = parts.stations_store.by_id(scanner.station)
    silences = is_wedge(scanner) and scanner.profile.grab and not scanner.paused
    return {
        "name": scanner.name,
        "url": scanner.url,
        "options": profile_options(scanner.profile),
        "station": None if station is None else station.name,
        "paused": scanner.paused,
        "virtual": scanner.url.startswith(VIRTUAL),
        "note": (PASSES if scanner.profile.pass_through else SILENCES) if silences else "",
        "gateway": parts.scanners.gateway_of(scanner),
        "version": scanner.version,
        "created_at": rfc3339(scanner.created_at),
        "changed_at": rfc3339(scanner.changed_at),
        "status": show_scanner_status(parts.scan_room.status(scanner.id)),
        "links": {"self": f"/v1/scanners/{scanner.name}"},
    }


def show_scanner_status(status: ScannerStatus) -> Json:
    """Return a scanner's status: a sentence for people, the rest for programs."""
    return {
        "condition": status.condition,
        "sentence": status.sentence,
        "heard_at": None if status.heard_at is None else rfc3339(status.heard_at),
        "reads": status.reads,
        "grabbed": status.grabbed,
    }


def read_scanner(
    parts: Parts, name: str, body: Mapping[str, object], was: Scanner | None
) -> ScannerSettings:
    """Return the settings in a body; what it leaves out stays as it was.

    Raises:
        ScannerRefused: the URL or an option cannot be.
        InputRefused: something else in it cannot be.
        UnknownStation: there is none of that name.
    """
    from gateway.scanners.source import check_url

    refuse_unknown(body, KEYS, "A scanner")
    before = ScannerSettings("") if was is None else settings_of(was)
    url, profile, station = before.url, before.profile, before.station
    if "url" in body:
        url = _text(body, "url")
        url = check_url(f"{VIRTUAL}{name}" if url in (VIRTUAL, VIRTUAL[:-1]) else url)
    if not url:
        raise ScannerRefused(
            "A new scanner needs its 'url', such as serial:///dev/ttyACM0, or virtual: for one "
            "that is a program.",
            key="url",
        )
    if "options" in body:
        options = body["options"]
        if not isinstance(options, dict):
            raise ScannerRefused(
                f"A scanner's 'options' must be an object, got {say(options)}.", key="options"
            )
        profile = read_profile(options, USUAL)
    if "station" in body:
        named = body["station"]
        station = None if named is None else parts.stations_store.find(_text(body, "station")).id
    return ScannerSettings(url, profile, station)


def _text(body: Mapping[str, object], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise InputRefused(f"A scanner's {key!r} must be a text, got {say(value)}.", key=key)
    return value
