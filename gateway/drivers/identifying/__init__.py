"""Asking a device who it is, by questions that no printer prints.

    URL ─► its own channel (USB device id, SNMP): no print data at all
         ─► the question of the language it claims, or, of a stranger, one after the other
         ─► what only its language can ask ─► Proposal

A stranger is asked in this order. Each question is harmless to printers of the other languages,
and stands where the bytes before it cannot change what it means:

    SBPL     ENQ          one control code, which others ignore. First: the DLE of the next question
                          stops a SATO that listens for ENQ until DC1 lets it go on.
    ESC/POS  DLE EOT 4    control codes only. Not n = 1, 2, 3, which are SOH (the beginning of a DPL
                          command), STX and ETX (^XA and ^XZ to ZPL).
    CPCL     ESC h        before anything with letters, which a CPCL printer in line mode prints.
    TSPL     ESC ! ?      heard at once in any state. Sets a font on receipt printers, undone below.
    DPL      SOH A        after ESC, never before: SOH makes the next byte a command.
    ZPL      ~HI          three letters without a line end. ZPL ignores all that stood before it.

    afterwards  ESC @     when letters went out and nothing was answered: a receipt printer without
                          a back channel holds them in its line, and ESC @ empties that (Epson,
                          ESC/POS, ESC @) before a line end could print it.

No question with a line end is ever put to a stranger, since it is what makes text come out. Those
of EPL and Brother are only put to a device that says it is one, or that a person says is one: ^ee
is a line of text elsewhere, and ESC i cuts the paper of old receipt printers. An office printer
prints whatever reaches its port; it tells by SNMP or mDNS what it is, and is asked nothing.

A language joins with one module that has ``QUESTION``, ``recognise(heard)`` and ``learn(talk,
heard)``, and one line here.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from gateway.drivers.finding.matching import (
    claimed_languages,
    guess_language,
    is_office_printer,
)
from gateway.drivers.identifying.asking import PATIENCE, Probe, Talk, Traits
from gateway.drivers.identifying.proposal import NAMES, Proposal, propose, recall
from gateway.drivers.ieee1284 import DeviceId
from gateway.drivers.snmp import ask_identity
from gateway.drivers.transports import Wire, check_url, manners_of, open_wire
from gateway.errors import DeliveryUncertain, DeviceUnreachable, PrinterRefused

__all__ = ["PROBES", "STRANGERS", "Proposal", "identify", "identify_on", "probe_for", "recall"]

PROBES: dict[str, str] = {
    "sbpl": "gateway.drivers.identifying.sbpl",
    "escpos": "gateway.drivers.identifying.escpos",
    "cpcl": "gateway.drivers.identifying.cpcl",
    "tspl": "gateway.drivers.identifying.tspl",
    "dpl": "gateway.drivers.identifying.dpl",
    "zpl": "gateway.drivers.identifying.zpl",
    "epl": "gateway.drivers.identifying.epl",
    "brother-ql": "gateway.drivers.identifying.brother_ql",
}
"""Language to module."""

STRANGERS = ("sbpl", "escpos", "cpcl", "tspl", "dpl", "zpl")
"""The languages in which a device is asked that has not said what it is, in this order."""

TIMEOUT = 9.0
"""Seconds for all questions: two rounds of strangers' ones, and the rest of one language."""

KNOWN_PATIENCE = 2.0
"""Seconds for the answer of a printer that is known to speak the language; it may sleep."""

SNMP_WITHIN = 0.8

_WITH_LETTERS = frozenset({"cpcl", "tspl", "dpl", "zpl"})
_SWEEP = b"\x1b@"


@runtime_checkable
class SaysWhoItIs(Protocol):
    """A wire with a channel of its own beside the print data: USB."""

    def device_id(self) -> DeviceId | None:
        """Return what the printer says it is (IEEE 1284)."""
        ...


def probe_for(language: str) -> Probe:
    """Return the questions of a language.

    Raises:
        PrinterRefused: nobody knows how to ask in it.
    """
    module = PROBES.get(language)
    if module is None:
        raise PrinterRefused(
            f"There is no question in {language[:40]!r}; a printer can be asked in "
            f"{', '.join(PROBES)}.",
            language=language,
        )
    probe: Probe = import_module(module)
    return probe


def identify(url: str, language: str | None = None, timeout: float = TIMEOUT) -> Proposal:
    """Return what the device at a URL says it is; nothing is printed and nothing is set up.

    ``language`` is a person's word for what it speaks: then only that is asked.

    Raises:
        PrinterRefused: the URL cannot be a printer's, or nobody knows how to ask in the language.
        DeviceUnreachable, DeviceBusy: it cannot be asked.
    """
    checked = check_url(url)
    if language is not None:
        probe_for(language)
    if not manners_of(checked).answers:
        return Proposal(
            checked,
            f"Nothing ever comes back from {checked}, so it cannot be asked; say its language, "
            "its density and its label's size yourself.",
        )
    told = _ask_beside(checked)
    if told is not None and is_office_printer(told.command_set) and language is None:
        return _decline(checked, told)
    wire = open_wire(checked)
    try:
        return identify_on(wire, checked, language, told, timeout)
    except DeliveryUncertain as error:
        # Only questions left: none of them is ever on paper.
        raise DeviceUnreachable(
            f"The connection to {checked} broke while it was asked; try again, or say its language "
            "yourself.",
            url=checked,
            reason="broke",
        ) from error
    finally:
        wire.close()


def _ask_beside(url: str) -> DeviceId | None:
    """Ask a device on the network who it is without touching its print port."""
    parts = urlsplit(url)
    if parts.scheme != "tcp" or parts.hostname is None:
        return None
    return ask_identity(parts.hostname, SNMP_WITHIN)


def _decline(url: str, told: DeviceId) -> Proposal:
    name = f"{told.manufacturer} {told.model}".strip() or "The device"
    return Proposal(
        url,
        f"{name} says it speaks {', '.join(told.command_set[:4])}: an office printer, which would "
        "print a label's commands as text; print PDF on it through its own queue.",
        said=_words(told),
    )


def _words(told: DeviceId) -> dict[str, str]:
    words = {
        "manufacturer": told.manufacturer,
        "model": told.model,
        "serial": told.serial,
        "languages": ", ".join(told.command_set),
    }
    return {name: text for name, text in words.items() if text}


def identify_on(
    wire: Wire,
    url: str,
    language: str | None = None,
    told: DeviceId | None = None,
    timeout: float = TIMEOUT,
) -> Proposal:
    """Return what the device on an open wire says it is; ``told`` is what it said beside it.

    Raises:
        DeviceError: the connection broke.
    """
    if isinstance(wire, SaysWhoItIs):
        told = wire.device_id()
    told = told or DeviceId()
    if is_office_printer(told.command_set) and language is None:
        return _decline(url, told)
    usb_id = ""
    if urlsplit(url).scheme in ("usb", "usblp"):
        usb_id = urlsplit(url).netloc.partition("@")[0].lower()
    guess = guess_language(told.manufacturer, told.model, told.command_set, usb_id)
    likely = [known for known in claimed_languages(told.command_set) if known in PROBES]
    if guess in PROBES:
        likely = [guess, *(known for known in likely if known != guess)]
    talk = Talk(wire, timeout)
    if language is not None:
        traits = _ask_in(talk, [language], KNOWN_PATIENCE)
    elif likely:
        traits = _ask_in(talk, likely, KNOWN_PATIENCE)
        # A maker's printers may be set to speak like another maker's. What a device claims itself
        # is another matter: then it only does not answer.
        if traits is None and not claimed_languages(told.command_set) and guess in STRANGERS:
            traits = _ask_stranger(talk)
    else:
        traits = _ask_stranger(talk)
    if traits is not None:
        return propose(url, traits, told, usb_id, "sure")
    named = language or (likely[0] if likely else guess)
    if named:
        return propose(url, Traits(named, said=_words(told)), told, usb_id, "likely")
    return Proposal(
        url,
        "It takes bytes and answers none of the questions of label and receipt printers; say its "
        f"language ({', '.join(NAMES)}), its density and its label's size yourself.",
        said=_words(told),
    )


def _ask_stranger(talk: Talk) -> Traits | None:
    """Ask in all languages; a printer that answers late is given more time in a second round."""
    traits = _ask_in(talk, STRANGERS, PATIENCE)
    if traits is None and talk.heard_anything:
        traits = _ask_in(talk, STRANGERS, 2 * PATIENCE)
    return traits


def _ask_in(talk: Talk, languages: Sequence[str], patience: float) -> Traits | None:
    letters = False
    for language in languages:
        probe = probe_for(language)
        letters = letters or language in _WITH_LETTERS
        # Asked twice: a late answer to the question before could pass for one to this.
        if _answers(talk, probe, patience) and (heard := _answers(talk, probe, patience)):
            return probe.learn(talk, heard)
    if letters:
        talk.tell(_SWEEP)
    return None


def _answers(talk: Talk, probe: Probe, patience: float) -> bytes:
    """Return the answer to a language's question; nothing when what came is none."""
    heard = talk.ask(probe.QUESTION, probe.recognise, patience)
    # A line that echoes says nothing, even where the question looks like an answer.
    return heard if not heard.startswith(probe.QUESTION) and probe.recognise(heard) else b""
