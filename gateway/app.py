"""The composition root: everything is made here, in order, and stopped in reverse.

settings ─► database ─► stores ─► printers' threads, virtual printers ─► routes ─► server

Nothing imported here needs FastAPI, uvicorn or the modes of stations: loading them takes longer
than all the rest, and labels that wait are printed meanwhile.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Self

from gateway import __version__
from gateway.accepting import Desk
from gateway.api.backlog import Backlog
from gateway.api.live import Live
from gateway.api.parts import Parts
from gateway.api.showing import show_entry
from gateway.api.virtual import OPTION
from gateway.config import Listen, Settings
from gateway.devices.plugging import PRINTERS, SCANNERS, PlugWatch
from gateway.drawing import Drawing, model_of
from gateway.drivers.evidence import conversation_for
from gateway.drivers.transports import manners_of, open_wire, with_quirks
from gateway.errors import GatewayError, SettingsRefused, UnknownStation
from gateway.neighbours import Neighbours, Reloads
from gateway.print_room import PrintRoom
from gateway.printers import Printer, PrinterStatus
from gateway.printing import Press
from gateway.relocating import Relocation
from gateway.scanning import ScanRoom
from gateway.stations.connected import ConnectedScanners
from gateway.store import scans
from gateway.store.assets import AssetStore
from gateway.store.backups import Backups
from gateway.store.daemons import ALONE, Membership, join
from gateway.store.drafts import DraftStore
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import last_entry, tell
from gateway.store.jobs import JobStore
from gateway.store.keys import SCOPES, KeyStore
from gateway.store.pools import PoolStore
from gateway.store.printers import PrinterStore
from gateway.store.registry.labelling import follow_labels
from gateway.store.registry.registry import Registry
from gateway.store.removal import bring_in
from gateway.store.requests import RequestStore
from gateway.store.safekeeping import Safekeeping
from gateway.store.scanners import ScannerStore
from gateway.store.settings import SettingStore
from gateway.store.space import DiskSpace
from gateway.store.stations import StationStore
from gateway.store.templates import TemplateStore
from gateway.store.webhooks import WebhookStore
from gateway.virtual_printers import VirtualPrinters
from gateway.works import Work, Works

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI

    from gateway.api.application import Server

log = logging.getLogger(__name__)

LOCAL_KEY = "this-computer"
"""The key of the command line on this computer, while local access is closed."""


# ---------------------------------------------------------------- the gateway


class Gateway:
    """A running gateway without its server."""

    def __init__(self, settings: Settings) -> None:
        """Open everything, in order.

        Raises:
            InUse: another gateway has the data directory.
            StoreError: the database is damaged, or newer than this program.
        """
        self.settings = settings
        self._stop: list[Callable[[], object]] = []
        self._busy: list[Callable[[], object]] = []
        """Stops what prints, scans, tells others or changes something by itself."""
        try:
            self._open(settings)
        except BaseException:
            self.close()
            raise

    def _open(self, settings: Settings) -> None:
        make_data_dir(settings.data_dir)
        database = self._until(Database.open(settings.database, settings.data_dir))
        self._stop.append(self._come_to_rest)

        here = join(database, settings.database, settings.data_dir)
        read_from = last_entry(database)
        printers = PrinterStore(database, here)
        pools = PoolStore(database, printers)
        jobs = JobStore(database, pools, here)
        templates, assets = TemplateStore(database), AssetStore(database)
        keys, chosen = KeyStore(database), SettingStore(database)
        drafts = DraftStore(database, templates, lambda: chosen.labels_approved)
        requests = RequestStore(database)
        registry = Registry(database, chosen)
        stations = StationStore(database)
        scanners = ScannerStore(database, stations, here)
        webhooks = WebhookStore(database)
        registry.places.renamed = stations.follow_places
        jobs.followed = follow_labels

        def zone() -> str:
            return chosen.time_zone or settings.time_zone or computer_zone()

        def come_to_rest(sentence: str) -> None:
            self._come_to_rest()
            rest_in(room, printers, sentence)

        moving = Relocation(
            database, settings.database, settings.data_dir, jobs, printers, here, zone,
            come_to_rest,
        )  # fmt: skip
        fenced = moving.sentence()
        if fenced is not None:
            database.seal(fenced)

        drawing = Drawing(templates, assets, jobs.payload)

        def press_for(printer: Printer, report: Callable[[int, PrinterStatus], None]) -> Press:
            # Nothing is asked where no answer can come from: such labels end at ``sent``.
            manners = manners_of(printer.url)
            converse = conversation_for(printer.language) if manners.answers else None
            quirks = model_of(printer).quirks
            return Press(
                printer, jobs, converse=converse,
                open_wire=lambda url: open_wire(with_quirks(url, quirks)),
                draw=drawing.page, report=report, settings=printers.by_id, manners=manners,
            )  # fmt: skip

        virtual = VirtualPrinters(database, printers, settings.data_dir / "virtual")
        self._busy.append(virtual.stop)
        room = PrintRoom(
            press_for, lambda *seen: tell_of_trouble(database, *seen), pools.members, printers.ours
        )
        jobs.returned = room.wake
        self._busy.append(room.stop)

        def pass_on(scanner: int) -> None:
            scan_room.pass_on(scanner)

        connected = ConnectedScanners(
            database, scanners, stations, lambda: self.parts.stations, pass_on
        )
        scan_room = ScanRoom(connected.take, connected.tell, scanners.ours)
        cables = PlugWatch({PRINTERS: room.cable_moved, SCANNERS: scan_room.cable_moved})
        if fenced is None:
            self._busy.append(cables.stop)
            cables.start()
            # Those of steel first: they need not wait until what the virtual ones draw with is
            # loaded.
            room.start(printer for printer in printers.all() if OPTION not in printer.options)
            virtual.add(settings.virtual)
            virtual.start()
            room.start(printer for printer in printers.all() if OPTION in printer.options)
            templates.seed(built_in_documents())
        else:
            rest_in(room, printers, fenced)

        pool = ThreadPoolExecutor(max(2, os.cpu_count() or 2), "drawing")
        self._stop.append(pool.shutdown)
        works = Works(lambda work: tell_of_work(database, work))
        self._stop.append(works.close)

        def bring_local_key() -> None:
            keep_local_key(database, keys, chosen, settings.key_file, here)

        if fenced is None:
            bring_local_key()
        if here.number is not None and fenced is None:
            others: dict[str, Reloads] = {
                "key": keys, "template": templates, "setting": chosen, "station": stations,
                "location": stations, "scanner": scanners, "webhook": webhooks,
            }  # fmt: skip
            neighbours = Neighbours(
                database, printers, pools, jobs, room, virtual, others, bring_local_key, read_from,
                scanners, scan_room,
            )  # fmt: skip
            self._busy.append(neighbours.stop)
            neighbours.start()
        backups = Backups(database, settings.database, settings.data_dir / "backups")
        if fenced is None:
            upkeep = Upkeep(database, jobs, keys, requests, chosen)
            upkeep.start()
            self._busy.append(upkeep.stop)
            keeping = Safekeeping(
                database, settings.database, chosen.all, settings.data_dir / "backups"
            )
            keeping.start()
            self._busy.append(keeping.stop)
            self._tell_outside(database, webhooks, chosen, here)

        desk = Desk(pools, templates, drawing, jobs.counters, zone)
        backlog = Backlog(jobs.backlog)

        from gateway.stations.engine import Stations  # late: all modes, and most of the registry
        from gateway.stations.serial_labels import LabelPrinter
        from gateway.stations.turn import Tools

        labels = LabelPrinter(
            registry, desk, jobs, templates, backlog, zone, pools.name_of, room.wake
        )

        def assign(t: Transaction, scanner: int, station: int, actor: str) -> str:
            to = stations.by_id(station)
            if to is None:
                raise UnknownStation(
                    "The station of this barcode is no more; print its sheet anew.", station=station
                )
            scanners.set_station(t, scanner, station, actor)
            return to.name

        taking = Stations(
            database, Tools(registry, labels), stations.by_id, registry.signing.check, assign
        )

        listen = settings.listen.host.lower()
        named = f"[{listen}]" if ":" in listen else listen
        self.parts = Parts(
            database=database,
            jobs=jobs,
            printers=printers,
            pools=pools,
            templates=templates,
            drafts=drafts,
            keys=keys,
            settings=chosen,
            registry=registry,
            stations=taking,
            stations_store=stations,
            scanners=scanners,
            webhooks=webhooks,
            assets=assets,
            requests=requests,
            desk=desk,
            drawing=drawing,
            room=room,
            scan_room=scan_room,
            live=Live(database, show_entry),
            backlog=backlog,
            space=DiskSpace(settings.data_dir),
            works=works,
            moving=moving,
            backups=backups,
            pool=pool,
            paper=virtual.tray,
            virtual=virtual,
            zone=zone,
            ready=lambda: moving.sentence() or database.fault,
            settings_changed=bring_local_key,
            hosts=(*settings.allowed_hosts, *(() if listen in ("0.0.0.0", "::") else (named,))),
            origins=settings.allowed_origins,
        )
        if fenced is None:
            self._busy.append(scan_room.stop)
            scan_room.start(scanners.all())

    def _tell_outside(
        self, database: Database, webhooks: WebhookStore, settings: SettingStore, here: Membership
    ) -> None:
        """Start what tells others of the feed's entries."""
        from gateway.outward.mqtt import Publisher
        from gateway.outward.webhooks import Sender  # late: HTTP and TLS

        sender = Sender(database, webhooks, show_entry, here.number)
        self._busy.append(sender.stop)
        sender.start()
        publisher = Publisher(database, settings, show_entry, here.number)
        self._busy.append(publisher.stop)
        publisher.start()

    @cached_property
    def app(self) -> FastAPI:
        """The HTTP application, made when it is first asked for."""
        from gateway.api.application import create_app  # late: see above

        def pages() -> Iterator[APIRouter]:
            from gateway.console.screens import screens
            from label_editor.serving import editor_pages

            return screens(self.parts, editor_pages)

        return create_app(self.parts, pages)

    def _until(self, database: Database) -> Database:
        self._stop.append(database.close)
        return database

    def close(self) -> None:
        """Stop everything, in reverse; labels on their way are settled at the next start."""
        _stop_all(self._stop)

    def _come_to_rest(self) -> None:
        """Stop whatever prints, scans, tells others or changes something by itself."""
        _stop_all(self._busy)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _stop_all(stops: list[Callable[[], object]]) -> None:
    while stops:
        stop = stops.pop()
        try:
            stop()
        except Exception:  # the rest must be stopped too
            log.exception("a part did not stop well")


def rest_in(room: PrintRoom, printers: PrinterStore, sentence: str) -> None:
    """Let every printer say why nothing is printed here any more."""
    for printer in printers.all():
        room.tell(printer.id, PrinterStatus("stopped", sentence))


def built_in_documents() -> dict[str, bytes]:
    """Return the built-in templates' JSON by name, unread."""
    folder = files("gateway.templates") / "builtin"
    return {
        entry.name.removesuffix(".json"): entry.read_bytes()
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".json")
    }


def tell_of_trouble(
    database: Database, printer: Printer, status: PrinterStatus, before: PrinterStatus | None
) -> None:
    """Tell the feed when a printer stops or goes on. What it does in between is in its jobs."""

    def trouble(seen: PrinterStatus | None) -> tuple[str, tuple[str, ...]]:
        if seen is None:
            return "", ()
        stands = seen.condition if seen.condition in ("stopped", "unreachable") else ""
        return stands, tuple(problem.kind for problem in seen.problems)

    if trouble(status) == trouble(before):
        return
    kind = "printer.stopped" if trouble(status)[0] else "printer.ready"
    body: dict[str, object] = {
        "printer": printer.name,
        "condition": status.condition,
        "sentence": status.sentence,
        "problems": [problem.kind for problem in status.problems],
    }
    try:
        database.run(
            lambda t: tell(
                t, now(), kind, f"printers/{printer.name}", f"printer:{printer.id}", body
            )
        )
    except GatewayError as error:  # a full disk must not end a printer's thread
        log.warning("the feed missed a printer's trouble", extra={"reason": error.detail})


def tell_of_work(database: Database, work: Work) -> None:
    """Tell the feed how far a long work is, without waiting: it may hold the writer just now."""
    body: dict[str, object] = {
        "title": work.title, "state": work.state, "done": work.done, "of": work.of,
        "sentence": work.sentence, "to": work.to,
    }  # fmt: skip
    try:
        database.submit(
            lambda t: tell(t, now(), "work.changed", f"works/{work.id}", work.actor, body)
        )
    except GatewayError as error:  # the gateway is stopping
        log.debug("the feed missed a work", extra={"reason": error.detail})


@cache
def computer_zone() -> str:
    """Return the IANA name of this computer's time zone, UTC when it does not say."""
    from zoneinfo import ZoneInfo

    named = [os.environ.get("TZ", "").lstrip(":")]
    with contextlib.suppress(OSError, ValueError):
        # Debian, Red Hat and macOS link it into the zone database.
        named.append(str(Path("/etc/localtime").resolve()).split("zoneinfo/", 1)[1])
    with contextlib.suppress(OSError):
        named.append(Path("/etc/timezone").read_text("utf-8").strip())
    for name in filter(None, named):
        with contextlib.suppress(ValueError, OSError, KeyError):  # KeyError: there is no such zone
            return ZoneInfo(name).key
    return "UTC"


def keep_local_key(
    database: Database,
    keys: KeyStore,
    settings: SettingStore,
    file: Path,
    here: Membership = ALONE,
) -> None:
    """Keep a key for this computer's command line while local access is closed, and only then."""
    name = LOCAL_KEY if here.number is None else f"{LOCAL_KEY}-{here.number}"
    text = file.read_text("ascii").strip() if file.exists() else ""
    if settings.local_open:
        if text:
            file.unlink()
        for key in keys.all():
            if key.name == name:
                database.run(lambda t: keys.revoke(t, name, "gateway"))
        return
    with contextlib.suppress(GatewayError):
        if keys.check(text, now()).name == name:
            return
    for key in keys.all():
        if key.name == name:  # its file is gone, so nobody has it
            database.run(lambda t: keys.revoke(t, name, "gateway"))
    _, made = database.run(lambda t: keys.make(t, name, SCOPES, "gateway"))
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(made + "\n")


class Upkeep(threading.Thread):
    """What time alone brings: jobs expire; kept answers, scans and notes of use grow old."""

    EVERY = 1.0
    """Seconds between two looks for jobs whose time has ended."""

    SELDOM = 60
    """Looks after which what grows old in days is looked for, too."""

    def __init__(
        self, database: Database, jobs: JobStore, keys: KeyStore, requests: RequestStore,
        settings: SettingStore,
    ) -> None:  # fmt: skip
        super().__init__(name="upkeep", daemon=True)
        self._database, self._settings = database, settings
        self._jobs, self._keys, self._requests = jobs, keys, requests
        self._stopping = threading.Event()

    def run(self) -> None:
        round_ = 0
        old_scans = False
        while not self._stopping.wait(self.EVERY):
            try:
                self._jobs.expire(now())
                if round_ % self.SELDOM == 0:
                    self._keys.note_used()
                    self._requests.forget(now())
                if round_ % self.SELDOM == 0 or old_scans:  # a few each time, until none is left
                    days = int(self._settings.all()["scan_days"])
                    old_scans = scans.forget(self._database, now(), days)
            except Exception:  # a thread's edge: the next round may do better
                log.exception("the upkeep failed")
            round_ += 1

    def stop(self) -> None:
        """End it, with the last notes written."""
        self._stopping.set()
        if self.is_alive():
            self.join()
        self._keys.note_used()


# ---------------------------------------------------------------- the server


def listen_on(address: Listen) -> socket.socket:
    """Return a socket that listens; callers who are early wait in its backlog.

    Raises:
        SettingsRefused: another program listens there, or this computer has no such address.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server(tuple(address), family=family, backlog=1024)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (while")[0]
        raise SettingsRefused(
            f"It cannot listen on {address} ({reason}); stop the program that "
            "does, or set GATEWAY_LISTEN to another address.",
            listen=str(address),
        ) from error


def make_data_dir(folder: Path) -> None:
    """Make the data directory, for nobody else's eyes.

    Raises:
        SettingsRefused: something else stands there, or it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsRefused(
            f"The data directory {folder} cannot be made ({error.strerror or error}); name another "
            "with GATEWAY_DATA_DIR, or let this user write there.",
            folder=str(folder),
        ) from error


def server_for(gateway: Gateway, ready: Callable[[], None]) -> Server:
    """Return the server of a gateway; ``ready`` is called once it answers."""
    from gateway.api.application import make_server  # late: see above

    return make_server(gateway.app, gateway.settings, gateway.parts.live, ready)


def load_identifiers() -> None:
    """Load what GS1 codes are read with now, or the first one scanned would wait for it."""
    from gateway.codes.elements import identifier_at

    identifier_at("01")


def serve(settings: Settings) -> int:
    """Run the gateway until it is told to stop; return the process's exit code.

    Raises:
        SettingsRefused: it cannot listen there, or other computers could reach it and nobody has
            a key.
        InUse, StoreError: the data directory is another's, or damaged.
    """
    address = settings.listen
    while True:
        with listen_on(address) as listening:
            # Should the gateway start anew, it is where it was.
            address = Listen(address.host, listening.getsockname()[1])
            ended = _serve_once(settings, listening)
        if ended is not None:
            return ended
        gc.unfreeze()


def _serve_once(settings: Settings, listening: socket.socket) -> int | None:
    """Run the gateway until it ends; return the exit code, None when it shall start anew.

    Raises:
        SettingsRefused, InUse, StoreError: as for ``serve``.
    """
    make_data_dir(settings.data_dir)
    bring_in(settings.database, settings.data_dir)
    with Gateway(settings) as gateway:
        if not settings.listen.loopback and not gateway.parts.keys.all():
            raise SettingsRefused(
                f"listen is {settings.listen}, which other computers can reach, and there is no "
                "key yet; make one with label-gateway keys make while it listens on 127.0.0.1."
            )
        url = settings.url.rpartition(":")[0] + f":{listening.getsockname()[1]}"

        def ready() -> None:
            log.info("label-gateway %s answers at %s", __version__, url)
            parts = gateway.parts
            if parts.scanners.all() or parts.stations_store.all():  # it holds 17 MB
                threading.Thread(target=load_identifiers, name="load", daemon=True).start()

        server = server_for(gateway, ready)
        anew = threading.Event()

        def begin_anew() -> None:
            anew.set()
            server.should_exit = True

        gateway.parts.moving.anew = begin_anew
        gc.collect()
        gc.freeze()  # what is here stays; the collector need not look at it again
        server.run(sockets=[listening])
        if anew.is_set():
            return None
        return 0 if server.started else 1
