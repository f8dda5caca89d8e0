"""A printer is asked who it is, in every language, and nothing comes out of any of them."""

from __future__ import annotations

import re
import socket
import threading

import pytest

from gateway.drivers.identifying import (
    PROBES,
    STRANGERS,
    Proposal,
    identify,
    identify_on,
    probe_for,
    recall,
)
from gateway.drivers.identifying.asking import Traits
from gateway.drivers.identifying.proposal import propose
from gateway.drivers.ieee1284 import DeviceId
from gateway.drivers.models import load_models
from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.errors import DeviceUnreachable, PrinterRefused
from gateway.printers import Media, Printer
from gateway.units import Um, parse_density
from tests.drivers.identifying.devices import Receipt, device

ESCPOS = {
    b"\x10\x04\x04": b"\x12",
    b"\x1dIA": b"_30.05 ESC/POS\0",
    b"\x1dIB": b"_EPSON\0",
    b"\x1dIC": b"_TM-T88V\0",
    b"\x1dID": b"_MXKF012345\0",
}
TSPL = {b"\x1b!?": b"\0", b"~!T\r\n": b"TTP-245C\r"}
CPCL = {b"\x1bh": b"\x10", b"\x1bv": b"ZQ520 V76.20 XXQLJ1\0", b'"\r\n': b'"line_print"'}
DPL = {b"\x01A": b"NNNNNNNN\r", b"\x02v": b"VER: 11.041 E-4204B\r"}
SBPL = {b"\x05": b"\x02  A000000" + b" " * 16 + b"\x03"}
ZPL = {
    b"~HI": b"\x02ZTC ZD421-300dpi ZPL,V93.21.26Z,12,8192KB,X\x03\r\n",
    b"~HS": b"\x02030,0,0,0600,000,0,0,0,000,0,0,0\x03\r\n"
    b"\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n",
}
EPL = {b"^ee\r\n": b"00\r\n", b"UQ\r\n": b"UKQ1915HLU  V4.29\r\nI8,A,001\r\nq800 Q0400,24\r\n"}
BROTHER = {
    b"\x1biS": b"\x80\x20B4\x38\0\0\0\0\0\x3e\x0b\0\0\0\0\0\x1d" + b"\0" * 14,
}

SPEAKERS = {
    "escpos": ESCPOS,
    "tspl": TSPL,
    "cpcl": CPCL,
    "dpl": DPL,
    "sbpl": SBPL,
    "zpl": ZPL,
    "epl": EPL,
    "brother-ql": BROTHER,
}


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Devices in this process answer at once or never: a shorter wait shows as much."""
    monkeypatch.setattr("gateway.drivers.identifying.PATIENCE", 0.2)
    monkeypatch.setattr("gateway.drivers.identifying.KNOWN_PATIENCE", 0.5)
    monkeypatch.setattr("gateway.drivers.identifying.zpl.PATIENCE", 0.5)


# ---------------------------------------------------------------- what is found out


def test_a_zpl_printer_proposes_all_that_is_needed_to_set_it_up() -> None:
    with VirtualPrinter(width_mm=100, height_mm=50) as printer:
        proposal = identify(printer.url)
        assert proposal == Proposal(
            url=printer.url,
            sentence="It is the gateway's virtual ZPL printer, and speaks ZPL at 8 dots per mm, "
            "with labels of 100 mm x 50 mm as it measures them.",
            sure="sure",
            language="zpl",
            density=parse_density(8),
            model=load_models()["virtual"],
            media=Media(Um(100_000), Um(50_000)),
            tracking="gap",
            said={
                "model": "GW-VIRTUAL",
                "product": "GW-VIRTUAL",
                "firmware": proposal.said["firmware"],
                "serial": "GWV000000001",
                "languages": "zpl",
                "dots per mm": "8",
                "print width": "800",
                "label length": "400",
                "media": "gap/notch",
            },
        )
        assert printer.pieces() == []
        assert printer.status().odometer == 0


def test_a_zpl_printer_before_link_os_says_its_model_head_and_label_length() -> None:
    with device(ZPL) as found:
        proposal = identify(found.url)
    assert (proposal.sure, proposal.language, proposal.density, proposal.media) == (
        "sure",
        "zpl",
        parse_density(12),
        None,
    )
    assert proposal.model is load_models()["zd421-300"]
    assert proposal.said["label length"] == "600"
    assert proposal.sentence == (
        "It is a Zebra ZD421, 300 dpi, and speaks ZPL at 12 dots per mm; say its label's size "
        "yourself."
    )


@pytest.mark.parametrize("language", STRANGERS)
def test_a_stranger_is_recognised_by_its_own_answer_alone(language: str) -> None:
    with device(SPEAKERS[language]) as found:
        proposal = identify(found.url)
    assert (proposal.sure, proposal.language) == ("sure", language)


def test_a_receipt_printer_says_maker_and_model() -> None:
    with device(ESCPOS) as found:
        proposal = identify(found.url)
    assert dict(proposal.said) == {
        "manufacturer": "EPSON",
        "model": "TM-T88V",
        "firmware": "30.05 ESC/POS",
        "serial": "MXKF012345",
    }


def test_a_tspl_printer_says_its_model_on_a_line_of_its_own() -> None:
    with device(TSPL) as found:
        proposal = identify(found.url)
        assert b"\r\n~!T\r\n" in found.received
    assert proposal.said == {"model": "TTP-245C"}


def test_a_tspl2_printer_says_its_resolution() -> None:
    with device({**TSPL, b'"DPI")\r\n': b"300\r\n"}) as found:
        proposal = identify(found.url)
    assert (proposal.density, proposal.said["dpi"]) == (parse_density(12), "300")


def test_a_mobile_printer_that_prints_zpl_too_is_set_up_for_zpl() -> None:
    both = {**CPCL, b'"device.languages"\r\n': b'"hybrid_xml_zpl"', **ZPL}
    del both[b'"\r\n']
    with device(both) as found:
        proposal = identify(found.url)
    assert (proposal.language, proposal.density) == ("zpl", parse_density(12))


def test_a_person_can_name_the_language() -> None:
    with device(EPL) as found:
        proposal = identify(found.url, "epl")
        assert bytes(found.received) == b"\r\n^ee\r\n" * 2 + b"UQ\r\n"
    assert (proposal.sure, proposal.density, proposal.media, proposal.tracking) == (
        "sure",
        parse_density(8),
        Media(Um(100_000), Um(50_000)),
        "gap",
    )


def test_a_brother_says_which_roll_is_in_it() -> None:
    with device(BROTHER) as found:
        proposal = identify(found.url, "brother-ql")
    assert (proposal.density, proposal.media, proposal.tracking, dict(proposal.said)) == (
        parse_density("300dpi"),
        Media(Um(62_000), Um(29_000)),
        "gap",
        {"model": "QL-800", "media": "62 mm x 29 mm", "manufacturer": "Brother"},
    )


def test_a_device_that_answers_nothing_is_told_so() -> None:
    with device({}) as found:
        proposal = identify(found.url)
    assert proposal == Proposal(
        found.url,
        "It takes bytes and answers none of the questions of label and receipt printers; say its "
        "language (zpl, escpos, tspl, epl, cpcl, sbpl, dpl, brother-ql), its density and its "
        "label's size yourself.",
    )


def test_a_line_that_echoes_is_no_printer() -> None:
    """ESC h looks like two status bytes of a CPCL printer when it comes back."""
    questions = [probe_for(language).QUESTION for language in STRANGERS]
    with device({question: question for question in questions}) as found:
        proposal = identify(found.url)
    assert proposal.sure == "unknown"


def test_a_printer_set_to_speak_like_another_makers_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = DeviceId("TSC", "TTP-245C")
    monkeypatch.setattr("gateway.drivers.identifying.ask_identity", lambda *_: told)
    with device(ZPL) as found:
        proposal = identify(found.url)
    assert (proposal.sure, proposal.language) == ("sure", "zpl")


def test_a_printer_that_does_not_answer_in_the_language_named_is_only_likely() -> None:
    with device({}) as found:
        proposal = identify(found.url, "tspl")
    assert (proposal.sure, proposal.language, proposal.density) == ("likely", "tspl", None)
    assert proposal.sentence == (
        "It most likely speaks TSPL, though it did not answer; say its density and its label's "
        "size yourself."
    )


def test_what_never_answers_is_not_opened() -> None:
    proposal = identify("file:///nowhere/at/all/labels.zpl")
    assert (proposal.sure, proposal.language) == ("unknown", "")
    assert "cannot be asked" in proposal.sentence


def test_a_device_that_is_not_there_is_a_device_error() -> None:
    with device({}) as gone:
        url = gone.url
    with pytest.raises(DeviceUnreachable):
        identify(url)


def test_a_connection_that_breaks_while_asking_is_safe_to_try_again() -> None:
    with device({}, hangs_up_after=3) as found, pytest.raises(DeviceUnreachable) as caught:
        identify(found.url)
    assert caught.value.facts["reason"] == "broke"


@pytest.mark.threat("T16")
@pytest.mark.parametrize("url", ["tcp://169.254.169.254", "tcp://10.0.0.7:22", "http://10.0.0.7"])
def test_nothing_is_asked_where_no_printer_can_be(url: str) -> None:
    with pytest.raises(PrinterRefused):
        identify(url)


def test_a_language_without_questions_is_refused() -> None:
    with pytest.raises(PrinterRefused) as caught:
        identify("tcp://127.0.0.1:9100", "png")
    assert caught.value.detail.startswith("There is no question in 'png'; a printer can be asked")


@pytest.mark.threat("T6")
def test_hostile_answers_are_cleaned_and_prove_nothing() -> None:
    evil = "\x1b]0;x\x07\u202e".encode() + b"<b>" + b"A" * 79
    with device({**ESCPOS, b"\x1dIC": b"_" + evil[:80] + b"\0"}) as found:
        proposal = identify(found.url)
    assert len(proposal.said["model"]) <= 80
    assert all(c.isprintable() for words in proposal.said.values() for c in words)
    assert proposal.model is None


def test_measurements_beyond_all_stock_are_no_proposal() -> None:
    traits = Traits("zpl", density=parse_density(8), width=Um(1), height=Um(50_000))
    assert propose("tcp://10.0.0.7:9100", traits, DeviceId(), "", "sure").media is None


# ---------------------------------------------------------------- what is known without asking


def test_an_office_printer_is_asked_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    told = DeviceId("HP", "LaserJet 4", ("PJL", "PCL", "POSTSCRIPT"))
    monkeypatch.setattr("gateway.drivers.identifying.ask_identity", lambda *_: told)
    with device({}) as found:
        proposal = identify(found.url)
        assert found.connections == 0
    assert (proposal.sure, proposal.language, proposal.sentence) == (
        "unknown",
        "",
        "HP LaserJet 4 says it speaks PJL, PCL, POSTSCRIPT: an office printer, which would print a "
        "label's commands as text; print PDF on it through its own queue.",
    )


def test_a_device_that_says_what_it_is_is_asked_in_its_own_language_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = DeviceId("Zebra Technologies", "ZTC ZD421-300dpi ZPL", ("ZPL",), "", "D6J1")
    monkeypatch.setattr("gateway.drivers.identifying.ask_identity", lambda *_: told)
    with device(ZPL) as found:
        proposal = identify(found.url)
        assert bytes(found.received).startswith(b"~HI~HI~HS")
    assert (proposal.sure, proposal.said["serial"], proposal.said["manufacturer"]) == (
        "sure",
        "D6J1",
        "Zebra Technologies",
    )


def test_a_mute_printer_is_known_by_what_it_says_beside_its_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = DeviceId("Zebra Technologies", "ZTC ZD421-300dpi ZPL", ("ZPL",))
    monkeypatch.setattr("gateway.drivers.identifying.ask_identity", lambda *_: told)
    with device({}) as found:
        proposal = identify(found.url)
    assert (proposal.sure, proposal.language, proposal.model) == (
        "likely",
        "zpl",
        load_models()["zd421-300"],
    )


class UsbWireToZebra:
    """A wire that has a channel of its own, as USB has: nothing needs to be asked blindly."""

    def __init__(self, told: DeviceId | None) -> None:
        self._told = told
        self.sent = bytearray()
        self._said = b""

    def device_id(self) -> DeviceId | None:
        return self._told

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        self.sent += payload
        self._said += ZPL.get(bytes(payload), b"")
        return len(payload)

    def read(self, timeout: float) -> bytes:
        said, self._said = self._said, b""
        if not said:
            threading.Event().wait(timeout)
        return said

    def close(self) -> None:
        """Nothing is open."""


def test_a_usb_printer_is_asked_in_the_language_of_its_device_id() -> None:
    wire = UsbWireToZebra(DeviceId("Zebra", "ZTC ZD421-300dpi ZPL", ("ZPL",), "", "D6J1"))
    proposal = identify_on(wire, "usb://0a5f:0187/D6J1")
    assert wire.sent.startswith(b"~HI~HI~HS")
    assert (proposal.sure, proposal.language, proposal.said["serial"]) == ("sure", "zpl", "D6J1")


def test_a_usb_printer_without_a_device_id_is_known_by_its_usb_id() -> None:
    wire = UsbWireToZebra(None)
    proposal = identify_on(wire, "usb://0a5f:0187@1-2")
    assert wire.sent.startswith(b"~HI~HI~HS")
    assert proposal.model is load_models()["zd421-300"]


def test_an_office_printer_on_usb_is_asked_nothing() -> None:
    wire = UsbWireToZebra(DeviceId("HP", "LaserJet", ("PCL",)))
    assert identify_on(wire, "usb://03f0:0017@1-2").sure == "unknown"
    assert wire.sent == b""


def test_a_printer_that_is_set_up_is_remembered_not_asked() -> None:
    printer = Printer(
        7,
        "dock",
        "tcp://10.0.0.7:9100",
        "zpl",
        parse_density(8),
        Media(Um(100_000), Um(50_000)),
    )
    told = {"model": "ZTC ZD421-203dpi ZPL", "dots_per_mm": "8", "firmware": "V93"}
    proposal = recall(printer, told)
    assert (proposal.printer, proposal.sure, proposal.model, proposal.media, proposal.said) == (
        "dock",
        "sure",
        load_models()["zd421-203"],
        Media(Um(100_000), Um(50_000)),
        told,
    )
    assert proposal.sentence == (
        "This is printer 'dock', which is set up and has an owner, so it was not asked again. It "
        "said it is a Zebra ZD421, 203 dpi."
    )
    assert recall(printer, {}).sentence.endswith("It has said nothing of itself yet.")


# ---------------------------------------------------------------- nothing is ever printed


def strangers_bytes() -> bytes:
    """Return all that a stranger is sent that answers nothing."""
    with device({}) as found:
        identify(found.url)
    return bytes(found.received)


def test_a_receipt_printer_that_cannot_answer_prints_nothing() -> None:
    receipt = Receipt()
    receipt.feed(strangers_bytes())
    assert (receipt.printed, receipt.line, receipt.cuts) == ("", "", 0)
    # The witness is awake: a question with a line end behind it would have come out.
    receipt.feed(b"~HI\n")
    assert receipt.printed == "~HI"


def test_a_zpl_printer_takes_all_strangers_questions_without_a_trace() -> None:
    sent = strangers_bytes()
    with VirtualPrinter() as printer:
        with socket.create_connection(("127.0.0.1", printer.port)) as host:
            host.sendall(sent + 2 * b"^XA^FO10,10^GB50,50,50^FS^XZ")
            assert printer.wait_printed(2, timeout=30)
        asked, plain = printer.pieces()
        assert [note.partition(" '")[0] for note in asked.unknown] == ["stray text", "stray text"]
        assert plain.unknown == ()
        assert printer.png(asked.number) == printer.png(plain.number)
        assert printer.admin_events() == ()


def test_strangers_questions_hold_nothing_that_prints_opens_or_changes_the_next() -> None:
    questions = [probe_for(language).QUESTION for language in STRANGERS]
    sent = b"".join(questions * 2)
    # Line ends print; STX and ETX are ^XA and ^XZ, and begin DPL's system commands.
    assert not re.search(rb"[\n\r\f\x02\x03]", sent)
    # DLE DC4 drops buffers, DLE ENQ acts at once, CAN clears a SATO's jobs.
    assert not re.search(rb"\x10[\x14\x05]|\x18", sent)
    # SOH makes the next byte a DPL command: A is the question, and nothing else may follow.
    assert re.findall(rb"\x01(.)", sent) == [b"A", b"A"]


def test_every_language_with_questions_is_in_the_tables() -> None:
    assert set(STRANGERS) == set(PROBES) - {"epl", "brother-ql"}
    for language in PROBES:
        probe = probe_for(language)
        assert not probe.recognise(b"")
        assert not probe.recognise(b"\x15" * 40)


def test_a_late_answer_to_one_question_is_not_taken_for_the_next() -> None:
    """A slow receipt printer answers DLE EOT while ESC h waits, and 12 hex would fit both."""
    late = {b"\x10\x04\x04": b"", b"\x1bh": b"\x12"}
    with device(ESCPOS, late) as found:
        proposal = identify(found.url)
    assert (proposal.sure, proposal.language) == ("sure", "escpos")
