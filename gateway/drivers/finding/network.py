"""Printers that announce themselves on the network: DNS-SD over mDNS (RFC 6763, RFC 6762).

    _pdl-datastream._tcp  raw printing, port 9100        ┐
    _ipp._tcp             the Internet Printing Protocol ├─► one Found for each name on a host
    _printer._tcp         LPD                            ┘

The names and the TXT keys (ty, product, usb_MFG, usb_MDL, usb_CMD, note) are those of Apple's
Bonjour Printing Specification 1.2.1. Anybody on the network can announce anything: the words are
cleaned, the addresses are held to what a printer's URL may be, and nothing is connected to. The
port of mDNS, UDP 5353, is open only while somebody looks.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from gateway.devices.network import check_host
from gateway.drivers.finding.found import Found, describe_found
from gateway.drivers.transports import check_url
from gateway.errors import DeviceUnreachable, PrinterRefused

if TYPE_CHECKING:
    from zeroconf import ServiceInfo

RAW, IPP, LPD = "_pdl-datastream._tcp.local.", "_ipp._tcp.local.", "_printer._tcp.local."

_QUEUE = re.compile(r"printers/([A-Za-z0-9._-]{1,127})")
"""The resource path of a queue that a CUPS server shares."""

CLOSING = 0.3
"""Seconds kept back to say goodbye to the network."""

MOST_SERVICES = 500
"""Services that are looked at: more is not a warehouse but somebody playing."""

ASKING = 0.8
"""Seconds one service is given for the details it has not announced with its name."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service that a host announces."""

    kind: str
    """``RAW``, ``IPP`` or ``LPD``."""
    host: str
    """Its name, such as ``zebra-1.local``."""
    addresses: tuple[str, ...]
    port: int
    texts: Mapping[str, str]
    """TXT keys in lower case."""
    label: str = ""
    """What it calls itself in lists."""


def find(timeout: float, interfaces: Sequence[str] | None = None) -> list[Found]:
    """Return the printers that announce themselves within ``timeout`` seconds.

    ``interfaces`` are this computer's own addresses to look from; all of them when left out.

    Raises:
        DeviceUnreachable: this computer cannot speak mDNS.
    """
    return describe_services(browse(timeout, interfaces))


def browse(timeout: float, interfaces: Sequence[str] | None = None) -> list[Service]:
    """Return the services that are announced within ``timeout`` seconds.

    Raises:
        DeviceUnreachable: this computer cannot speak mDNS.
    """
    from zeroconf import (
        InterfaceChoice,
        ServiceBrowser,
        ServiceInfo,
        ServiceStateChange,
        Zeroconf,
    )

    until = time.monotonic() + max(0.1, timeout - CLOSING)
    heard: SimpleQueue[tuple[str, str]] = SimpleQueue()

    def hear(
        zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        if state_change is not ServiceStateChange.Removed:
            heard.put((service_type, name))

    try:
        network = Zeroconf(InterfaceChoice.All if interfaces is None else list(interfaces))
    except OSError as error:
        raise DeviceUnreachable(
            f"This computer cannot listen for printers on the network ({error.strerror or error}); "
            "name a printer's address with --address instead."
        ) from error
    try:
        ServiceBrowser(network, [RAW, IPP, LPD], handlers=[hear])
        services: dict[tuple[str, str], Service] = {}
        while (left := until - time.monotonic()) > 0 and len(services) < MOST_SERVICES:
            try:
                kind, name = heard.get(timeout=left)
            except Empty:
                break
            info = ServiceInfo(kind, name)
            if (kind, name) not in services and (
                info.load_from_cache(network)
                or info.request(network, 1000 * min(ASKING, max(0.05, until - time.monotonic())))
            ):
                services[kind, name] = read_service(info)
    finally:
        network.close()
    return list(services.values())


def read_service(info: ServiceInfo) -> Service:
    """Return what a service's records say; what is not text in them is replaced."""
    from zeroconf import IPVersion

    texts = {
        key.decode("utf-8", "replace").lower(): (value or b"").decode("utf-8", "replace")
        for key, value in info.properties.items()
    }
    addresses = (
        *info.parsed_addresses(IPVersion.V4Only),
        *info.parsed_addresses(IPVersion.V6Only),
    )
    return Service(
        kind=info.type,
        host=(info.server or "").rstrip(".").lower(),
        addresses=addresses,
        port=info.port or 0,
        texts=texts,
        label=info.name.removesuffix(f".{info.type}"),
    )


def describe_services(services: Sequence[Service]) -> list[Found]:
    """Return one found device for each name on a host, by the best way it announces to print.

    A printer has the same name for all its services (Bonjour Printing Specification), and a server
    has one for each of its queues.
    """
    named: dict[tuple[str, str], list[Service]] = {}
    for service in services:
        named.setdefault((service.host, service.label), []).append(service)
    return [_describe(by_kind) for _, by_kind in sorted(named.items())]


def _describe(services: list[Service]) -> Found:
    best = min(services, key=lambda service: (RAW, IPP, LPD).index(service.kind))
    texts: dict[str, str] = {}
    for service in services:
        for key, value in service.texts.items():
            if value and key not in texts:
                texts[key] = value
    product = texts.get("product", "").strip("()")
    maker, model = texts.get("usb_mfg", ""), texts.get("usb_mdl", "")
    found = describe_found(
        "",
        "network",
        manufacturer=maker,
        model=model or texts.get("ty", "") or product,
        command_set=tuple(texts.get("usb_cmd", "").split(",")),
        name=best.label,
    )
    if best.kind == IPP:
        if queue := _QUEUE.fullmatch(texts.get("rp", "")):
            urls, refusal = _urls(best, 9100)
            if not urls:
                return replace(found, problem=refusal)
            host = urls[0].removeprefix("tcp://").rpartition(":")[0]
            return replace(found, url=check_url(f"spool://{host}:{best.port}/{queue[1]}"))
        return replace(
            found,
            problem=f"It announces IPP and no raw port; print to a queue of it, or try "
            f"label-gateway printers find --address {_place(best)}.",
        )
    # LPD wraps what it carries, and the gateway does not speak it; nearly all such printers also
    # take raw bytes, which shows when one is asked.
    port, problem = best.port, ""
    if best.kind == LPD:
        port, problem = 9100, "It announces LPD only; whether it takes raw bytes shows by asking."
    urls, refusal = _urls(best, port)
    if not urls:
        return replace(found, problem=refusal)
    return replace(found, url=urls[0], others=urls[1:], problem=problem or found.problem)


def _place(service: Service) -> str:
    """Return an address to show in a command; only what is one, the rest is a stranger's text."""
    urls, _ = _urls(service, 9100)
    host = urls[0].removeprefix("tcp://").rpartition(":")[0] if urls else "ADDRESS"
    return host.strip("[]")


def _urls(service: Service, port: int) -> tuple[tuple[str, ...], str]:
    """Return the URLs that lead to a service, and why when there is none."""
    urls: list[str] = []
    refusal = "It announces no address; give it one in your network."
    for address in service.addresses:
        plain = address.partition("%")[0]
        try:
            host = f"[{plain}]" if ":" in plain else plain
            if check_host(plain, f"tcp://{host}"):
                # Only this computer is there, and a stranger has no business to name it.
                refusal = f"It announces {plain}, which is this computer itself; nothing is there."
                continue
            urls.append(check_url(f"tcp://{host}:{port}"))
        except PrinterRefused as error:
            refusal = error.detail
    if urls and service.host:
        try:
            named = check_url(f"tcp://{service.host}:{port}")
        except PrinterRefused:
            named = ""
        if named and "localhost" not in named:
            urls.append(named)
    return tuple(dict.fromkeys(urls)), refusal
