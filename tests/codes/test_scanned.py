from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.codes.checkdigits import check_digit
from gateway.codes.clean import clean
from gateway.codes.commands import Command, Signing, write_command
from gateway.codes.scanned import Reading, read_code
from gateway.registry.public_ids import PublicIds

GS, RS, EOT = "\x1d", "\x1e", "\x04"
GTIN = "09501101530003"
PLAIN = "No form describes itself in it, so it is plain."
SIGNING = Signing(b"secret of a database")


def read(text: str, aim: str = "", **more: bool) -> Reading:
    return read_code(text, aim, this_year=2026, **more)  # type: ignore[arg-type]


# --------------------------------------------------------------------------- forms of our own


def test_a_command_is_a_command_and_nothing_else() -> None:
    assert read("GWC-QTY-12-" + write_command("QTY", "12")[-1], "]C0") == Reading(
        write_command("QTY", "12"),
        "]C0",
        "command",
        "It is a command, its check right.",
        command=Command("QTY", "12"),
    )


def test_a_wrong_command_is_refused_and_never_looked_up_as_something_else() -> None:
    assert read("GWC-DONE-X") == Reading(
        "GWC-DONE-X",
        "",
        "command",
        "It begins like a command of this gateway, and is none.",
        refusal="'GWC-DONE-X' is no command: its check character should be L and is X; scan it "
        "again, or print the sheet of commands anew.",
    )


@pytest.mark.threat("T11")
@pytest.mark.parametrize(
    "text",
    [
        f"(01){GTIN}(21)GWC-DONE-L",
        f"https://x.example/01/{GTIN}/21/gwc-done-l",
        f"[)>{RS}06{GS}8P{GTIN}{GS}SGWC-DONE-L{RS}{EOT}",
    ],
)
def test_a_serial_that_would_be_a_command_on_a_label_is_not_taken(text: str) -> None:
    reading = read(text)
    assert (reading.gtin, reading.serial, reading.command) == (GTIN, None, None)
    assert [value.upper() for _, _, value in reading.other] == ["GWC-DONE-L"]
    assert reading.warnings[0].endswith("begins like a command; it is not taken.")


def test_a_signed_command_needs_somebody_to_check_it() -> None:
    code = write_command("STATION", "7", SIGNING.sign)
    assert read_code(code, check_signature=SIGNING.check).command == Command("STATION", "7", True)
    assert read_code(code).command is None
    assert "is not signed by this gateway" in read_code(code).refusal


@given(st.sampled_from(["serial", "lot", "location", "document", "package"]), st.integers(0, 10**9))
def test_a_code_of_ours_is_known_by_its_form_and_check(kind: str, number: int) -> None:
    code = PublicIds(b"secret").code(kind, number)  # type: ignore[arg-type]
    assert read(code, "]C0") == Reading(
        code, "]C0", "ours", "It is a code of this kind of gateway, its check right."
    )
    assert read(code.lower()).form == "ours"
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert read(wrong) == Reading(
        wrong,
        "",
        "plain",
        PLAIN,
        warnings=(f"{wrong!r} begins like a code of ours, and its check is wrong.",),
    )


# --------------------------------------------------------------------------------------- GS1


def test_the_symbology_says_gs1_and_all_of_it_is_named() -> None:
    text = f"01{GTIN}10AB-1{GS}21SN-7{GS}17271231" + f"240MAKER-1{GS}241MINE-1{GS}400PO-7{GS}3012"
    assert read(text, "]C1") == Reading(
        text,
        "]C1",
        "gs1",
        "The scanner says GS1-128: GS1 element strings.",
        gtin=GTIN,
        serial="SN-7",
        lot="AB-1",
        order="PO-7",
        part_number="MINE-1",
        supplier_part="MAKER-1",
        quantity=Decimal(12),
        expiry="2027-12-31",
    )


def test_what_has_no_place_of_its_own_is_kept_with_its_title() -> None:
    text = f"01{GTIN}3103001250" + "11260131" + f"21SN-7{GS}90INTERNAL"
    assert read(text, "]d2").other == (
        ("3103", "NET WEIGHT (kg)", "1.250"),
        ("11", "PROD DATE", "2026-01-31"),
        ("90", "INTERNAL", "INTERNAL"),
    )


def test_an_identifier_in_front_of_the_text_is_taken_off() -> None:
    assert read(f"]d201{GTIN}21SN-7") == read(f"01{GTIN}21SN-7", "]d2")


def test_fnc1_in_front_is_no_part_of_the_code() -> None:
    """https://github.com/odoo/odoo/pull/187875."""
    text = f"{GS}01{GTIN}21SN-7"
    assert (read(text, "]C1").gtin, read(text, "]C1").serial) == (GTIN, "SN-7")
    assert (read(text).form, read(text).gtin, read(text).serial) == ("gs1", GTIN, "SN-7")


def test_serial_and_lot_are_both_kept() -> None:
    """The serial is more than the lot (https://github.com/odoo/odoo/pull/207878), and the lot is
    not thrown away for it (https://github.com/odoo/odoo/issues/190874)."""
    for text in (f"01{GTIN}10LOT{GS}21SN", f"01{GTIN}21SN{GS}10LOT"):
        reading = read(text, "]d2")
        assert (reading.gtin, reading.serial, reading.lot) == (GTIN, "SN", "LOT")


@pytest.mark.parametrize("text", ["12345678", "101", "17271231", "21000001", "0112345678901231"])
@pytest.mark.parametrize("aim", ["]C0", "]A0", "]d1", "]Q1"])
def test_a_serial_that_looks_like_gs1_is_plain_where_the_symbology_is(text: str, aim: str) -> None:
    """A lot named 12345678 is no due date (https://github.com/odoo/odoo/issues/118144), and one
    named 101 no lot "1" (https://github.com/odoo/odoo/pull/244427)."""
    reading = read(text, aim)
    assert (reading.form, reading.text, reading.serial, reading.lot) == ("plain", text, None, None)


@pytest.mark.parametrize("text", ["12345678", "101", "17271231", "21000001", "10LOT1", "21SN-7"])
def test_a_serial_that_looks_like_gs1_is_plain_without_a_gtin_in_it(text: str) -> None:
    reading = read(text)
    assert (reading.form, reading.serial, reading.lot) == ("plain", None, None)


def test_without_any_mark_it_may_be_gs1_if_all_of_it_is_and_the_gtin_is_right() -> None:
    assert read(f"01{GTIN}21SN-7") == Reading(
        f"01{GTIN}21SN-7",
        "",
        "gs1_maybe",
        "Nothing says that it is GS1, and all of it reads so, the GTIN's check digit with it: GS1 "
        "if that GTIN is known here.",
        gtin=GTIN,
        serial="SN-7",
    )
    assert read("010950110153000421SN-7").form == "plain"  # wrong check digit
    assert read(f"01{GTIN}21SN#7").form == "plain"  # '#' is not in GS1's character set
    assert read(f"01{GTIN}05").form == "plain"  # no such identifier
    assert read(f"01{GTIN}21SN-7", "]X0").form == "gs1_maybe"
    assert read(f"01{GTIN}21SN-7", "]C0").form == "plain"


def test_brackets_and_separators_say_gs1_even_in_a_plain_symbology() -> None:
    assert read(f"(01){GTIN}(21)SN-7", "]C0") == Reading(
        f"(01){GTIN}(21)SN-7",
        "]C0",
        "gs1",
        "Application identifiers stand in parentheses: GS1 element strings.",
        gtin=GTIN,
        serial="SN-7",
    )
    reading = read(f"10LOT{GS}21SN-7", "]d1")
    assert (reading.form, reading.lot, reading.serial, reading.why) == (
        "gs1",
        "LOT",
        "SN-7",
        "A separator (GS) stands in it and all of it reads as GS1 element strings.",
    )


@pytest.mark.parametrize("text", ["(5 pcs)", "(A)1", "(05)X", "(01)1"])
def test_a_parenthesis_alone_makes_no_gs1(text: str) -> None:
    assert read(text) == Reading(text, "", "plain", PLAIN)


def test_a_separator_alone_makes_no_gs1() -> None:
    assert read(f"A{GS}B") == Reading(
        f"A{GS}B",
        "",
        "plain",
        "It holds a separator (GS), and is no GS1.",
        warnings=(
            "No application identifier of GS1 begins with 'A\\x1dB', at character 1 of 'A\\x1dB'.",
        ),
    )
    assert read(f"A1234{GS}") == Reading("A1234", "", "plain", PLAIN)
    assert read(f"{RS}A1234{RS}{EOT}").text == "A1234"


def test_a_serial_without_an_item_is_a_bare_serial() -> None:
    reading = read("21SN-7", "]C1")
    assert (reading.form, reading.gtin, reading.serial) == ("gs1", None, "SN-7")


def test_a_symbol_that_says_gs1_and_holds_none_is_plain_and_warned_of() -> None:
    assert read("HELLO", "]C1") == Reading(
        "HELLO",
        "]C1",
        "plain",
        "Nothing of it reads as GS1, so it is plain.",
        warnings=(
            "No application identifier of GS1 begins with 'HELL', at character 1 of 'HELLO'.",
        ),
    )


def test_a_gtin_with_a_wrong_check_digit_is_named_with_the_right_one_and_not_taken() -> None:
    assert read(f"010950110153000421SN-7{GS}10L", "]C1") == Reading(
        f"010950110153000421SN-7{GS}10L",
        "]C1",
        "gs1",
        "The scanner says GS1-128: GS1 element strings.",
        serial="SN-7",
        lot="L",
        other=(("01", "GTIN", "09501101530004"),),
        warnings=(
            "(01) GTIN '09501101530004' has a wrong check digit: expected 3, got 4; the label is "
            "misprinted or was misread.",
        ),
    )


def test_a_logistic_label_names_the_unit_and_what_is_in_it() -> None:
    reading = read("00106141412345678908" + "0200614141123452" + f"3725{GS}10L7", "]C1")
    assert reading == Reading(
        reading.text,
        "]C1",
        "gs1",
        "The scanner says GS1-128: GS1 element strings.",
        sscc="106141412345678908",
        content="00614141123452",
        quantity=Decimal(25),
        lot="L7",
    )


def test_a_location_and_an_asset_have_their_places() -> None:
    assert read("4149506000134352", "]C1").gln == "9506000134352"
    assert read("4149506000134353", "]C1").gln is None
    assert read("80049506000134352ABC", "]C1").serial == "9506000134352ABC"


def test_lost_separators_leave_the_item_and_no_guess() -> None:
    """https://github.com/OCA/stock-logistics-barcode/pull/557."""
    reading = read("0103400935251862211824243996541210LT902217241130", "]d2")
    assert (reading.gtin, reading.serial, reading.lot, reading.expiry) == (
        "03400935251862", None, None, None,
    )  # fmt: skip
    assert reading.warnings[0].startswith("The separators (GS) were lost: ")


def test_a_scanner_that_sends_separators_leaves_no_doubt() -> None:
    doubtful = read(f"01{GTIN}21A1001", "]C1")
    assert (doubtful.serial, len(doubtful.warnings)) == ("A1001", 1)
    sure = read(f"01{GTIN}21A1001", "]C1", sends_separators=True)
    assert (sure.serial, sure.warnings) == ("A1001", ())


@pytest.mark.parametrize("aim", ["", "]Q1", "]d1", "]Q3"])
def test_a_digital_link_is_one_whatever_the_symbology_says(aim: str) -> None:
    link = f"https://shop.example/01/{GTIN}/10/L1/21/A%2F7?17=271231"
    assert read(link, aim) == Reading(
        link,
        aim,
        "digital_link",
        "It is a web address with GS1 keys in its path: a GS1 Digital Link.",
        gtin=GTIN,
        lot="L1",
        serial="A/7",
        expiry="2027-12-31",
    )


def test_another_address_is_plain() -> None:
    assert read("https://example.com/about") == Reading(
        "https://example.com/about", "", "plain", PLAIN
    )


def test_eci_doubles_backslashes_and_they_are_single_again() -> None:
    assert read(r"\000026A\\B", "]Q2").text == "A\\B"
    assert read(r"\000026A\\B", "]Q1").text == r"\000026A\\B"


# --------------------------------------------------------------------- envelopes, identifiers


def test_an_envelope_says_what_is_on_the_box() -> None:
    fields = ("06", "PMINE-1", "1PMAKER-1", "Q500", "1TL7", "S12345", "KPO-7", "9D2436", "4LDE",
              "14D20271231", "1JUN123456789A1", "3QEA")  # fmt: skip
    text = f"[)>{RS}{GS.join(fields)}{RS}{EOT}"
    assert read(text, "]d1") == Reading(
        text,
        "]d1",
        "envelope",
        "It is an ISO/IEC 15434 envelope; its formats: 06.",
        serial="12345",
        lot="L7",
        license_plate="UN123456789A1",
        order="PO-7",
        part_number="MINE-1",
        supplier_part="MAKER-1",
        quantity=Decimal(500),
        unit="EA",
        expiry="2027-12-31",
        other=(("9D", "Date code", "2436"), ("4L", "Country of origin", "DE")),
    )


def test_a_quantity_may_carry_its_unit() -> None:
    reading = read(f"[)>{RS}06{GS}7Q12.5KG{RS}{EOT}")
    assert (reading.quantity, reading.unit) == (Decimal("12.5"), "KG")


def test_what_is_no_quantity_gtin_or_date_is_named_and_not_taken() -> None:
    text = f"[)>{RS}06{GS}Qmany{GS}8P09501101530004{GS}14Dsoon{GS}8S123{RS}{EOT}"
    reading = read(text)
    assert (reading.quantity, reading.gtin, reading.expiry, reading.sscc) == (None,) * 4
    assert reading.warnings == (
        "8P GTIN-14 '09501101530004' has a wrong check digit: expected 3, got 4; the label is "
        "misprinted or was misread.",
        "8S SSCC '123' does not have 18 digits.",
        "Q Quantity 'many' is no quantity.",
        "14D Expiry 'soon' is no date.",
    )
    assert reading.other == (
        ("Q", "Quantity", "many"),
        ("8P", "GTIN-14", "09501101530004"),
        ("14D", "Expiry", "soon"),
        ("8S", "SSCC", "123"),
    )


def test_a_box_of_several_serials_keeps_them_all() -> None:
    reading = read(f"[)>{RS}06{GS}S1{GS}S2{GS}S3{RS}{EOT}")
    assert reading.serial == "1"
    assert reading.other == (("S", "Serial number", "2"), ("S", "Serial number", "3"))


def test_the_formats_of_defence_and_gs1_name_a_serial_too() -> None:
    assert read(f"[)>{RS}12{GS}MFR 0CVA5{GS}SER 786950{RS}{EOT}").serial == "786950"
    gs1 = read(f"[)>{RS}05{GS}01{GTIN}{GS}21SN-7{RS}{EOT}")
    assert (gs1.form, gs1.gtin, gs1.serial) == ("envelope", GTIN, "SN-7")


def test_bare_identifiers_are_read_only_where_they_are_asked_for() -> None:
    assert read("S12345", identifiers=True) == Reading(
        "S12345",
        "",
        "identifier",
        "This scanner's codes begin with a data identifier (ANSI MH10.8.2).",
        serial="12345",
    )
    assert read("S12345") == Reading("S12345", "", "plain", PLAIN)
    assert read("12345", identifiers=True).form == "plain"


# -------------------------------------------------------------------------------------- plain


@pytest.mark.parametrize(
    ("text", "aim", "gtin"),
    [
        ("4006381333931", "", "04006381333931"),
        ("4006381333931", "]E0", "04006381333931"),
        ("4006381333931", "]C0", "04006381333931"),
        ("036000291452", "", "00036000291452"),
        ("96385074", "", "00000096385074"),
        ("96385074", "]E4", "00000096385074"),
        (GTIN, "]I1", GTIN),
        ("04252614", "]E0", "00042100005264"),
        ("400638133393112", "]E3", "04006381333931"),
        ("00000000", "", None),
        ("4006381333932", "", None),
        ("12345", "", None),
        ("12", "]E1", None),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", "", None),
    ],
)
def test_a_number_with_the_right_check_digit_may_be_a_gtin(
    text: str, aim: str, gtin: str | None
) -> None:
    reading = read(text, aim)
    assert (reading.form, reading.text, reading.gtin, reading.warnings) == (
        "plain", text, gtin, (),
    )  # fmt: skip


def test_a_retail_symbol_with_a_wrong_check_digit_was_misread() -> None:
    assert read("4006381333932", "]E0") == Reading(
        "4006381333932",
        "]E0",
        "plain",
        "The scanner says EAN-13 or UPC: plain.",
        warnings=(
            "EAN-13 or UPC '4006381333932' has a wrong check digit: expected 1, got 2; the label "
            "is misprinted or was misread.",
        ),
    )


def test_eighteen_digits_may_be_a_package() -> None:
    assert read("106141412345678908").sscc == "106141412345678908"
    assert read("00106141412345678908", "]C0").sscc == "106141412345678908"
    assert read("106141412345678907").sscc is None


def test_a_faulty_text_is_not_read_at_all() -> None:
    assert read("GWC-DONE-L\x1b") == Reading(
        "GWC-DONE-L\\u001b",
        "",
        "plain",
        "It holds characters that no code may: unseen ones, or commands to a screen.",
        fault="characters",
    )
    assert read("A" * 600).fault == "too_long"
    assert read_code("A" * 600, longest=1000).fault == ""


CLAIMED = ("GW", "HTTP", "[)>", ">[)>", "(", "]", GS)


@given(st.text())
@example("GWC-")
@example("]")
def test_a_text_that_no_row_claims_is_plain_and_itself(text: str) -> None:
    cleaned, fault = clean(text)
    if fault or cleaned.upper().startswith(CLAIMED) or GS in cleaned:
        return
    reading = read(text)
    if reading.form != "gs1_maybe":
        assert (reading.form, reading.text, reading.serial, reading.lot, reading.command) == (
            "plain", cleaned, None, None, None,
        )  # fmt: skip


@given(
    st.text() | st.text(alphabet="0123456789()[]>/:.%]CdGWS-httpX" + GS + RS + EOT),
    st.sampled_from(["", "]C1", "]C0", "]Q2", "]E0", "]E3", "]d4", "]W9", "nonsense"]),
    st.booleans(),
)
def test_no_text_breaks_the_reader_and_what_it_says_is_json(
    text: str, aim: str, identifiers: bool
) -> None:
    for candidate in (text, f"01{GTIN}21{text}", f"https://x/01/{GTIN}/{text}", f"[)>{RS}{text}"):
        reading = read(candidate, aim, identifiers=identifiers)
        json.dumps(reading.shown())
        assert reading.why
        for digits, length in ((reading.gtin, 14), (reading.sscc, 18), (reading.gln, 13)):
            if digits is not None:
                assert len(digits) == length
                assert check_digit(digits[:-1]) == digits[-1]


def test_as_json_only_what_is_said_is_shown() -> None:
    assert read(f"01{GTIN}3012", "]C1", sends_separators=True).shown() == {
        "text": f"01{GTIN}3012",
        "aim": "]C1",
        "form": "gs1",
        "why": "The scanner says GS1-128: GS1 element strings.",
        "gtin": GTIN,
        "quantity": "12",
    }
    assert read("GWC-DONE-L").shown()["command"] == {"verb": "DONE", "argument": ""}
    assert read("").shown() == {"text": "", "form": "plain", "why": PLAIN}
