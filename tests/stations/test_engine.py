"""What a scan means and does, whatever the mode: questions, commands, repeats, refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.registry.lives import Action
from gateway.store.engine import Transaction
from tests.stations.desk import Desk

pytestmark = pytest.mark.both_databases


def test_a_serial_is_looked_up(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=1, party=1)
    said = desk.scan("a1")
    assert (said["outcome"], said["sentence"]) == ("done", "DRILL A1 is received at A-01.")
    assert said["cards"][0]["title"] == "A1"
    assert ["Location", "A-01"] in said["cards"][0]["rows"]
    assert desk.view()["last"] == said


def test_what_nothing_is_called_is_unknown_and_never_guessed(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "SN00012", place=1)
    said = desk.scan("SN00021")
    assert (said["outcome"], said["code"]) == ("refused", "code_unknown")
    assert [(card["kind"], card["title"], card["choose"]) for card in said["cards"][:-1]] == [
        ("hint", "SN00012", "")
    ]


def test_of_several_things_a_person_says_which(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=1)
    desk.act(Action.RECEIVE, "A1", item=2, place=2)
    asked = desk.scan("A1")
    assert asked["outcome"] == "asked"
    assert [card["subtitle"] for card in asked["cards"]] == ["DRILL", "LASER"]
    assert desk.scan("A1")["outcome"] == "asked", "what was asked must be answered"
    said = desk.scan(asked["cards"][1]["choose"])
    assert said["sentence"] == "LASER A1 is received at B-01."
    assert desk.scan("A1")["outcome"] == "asked", "and is not remembered"
    assert desk.scan("DRILL")["sentence"] == "DRILL A1 is received at A-01."


def test_the_same_scan_is_taken_once(desk: Desk) -> None:
    desk.command("MODE", "RECEIVE")
    desk.scan("DRILL")
    first = desk.scan("A1", source="page", sequence=7)
    again = desk.scan("A1", source="page", sequence=7)
    assert first == again
    assert desk.view()["progress"]["scanned"] == 1
    assert desk.scan("A1", source="page", sequence=8)["outcome"] == "refused"
    assert desk.sound()


def test_what_is_refused_changes_nothing_and_is_written_down(desk: Desk) -> None:
    desk.command("MODE", "RECEIVE")
    desk.scan("DRILL")
    desk.scan("A1")
    desk.printed.lives.clear()
    said = desk.scan("A1")
    assert (said["outcome"], said["code"]) == ("refused", "serial_on_hand")
    assert said["sentence"].startswith("Serial A1 ")
    assert desk.on_hand() == 1
    assert desk.printed.lives == []
    assert desk.fed()[-1][0] == "scan.refused"
    assert desk.view()["recent"][0]["outcome"] == "refused"
    assert desk.sound()


def test_undo_takes_back_the_last_and_then_the_one_before(desk: Desk) -> None:
    desk.command("MODE", "RECEIVE")
    desk.scan("DRILL")
    desk.scans("A1", "A2")
    assert desk.command("UNDO")["sentence"].startswith("Taken back: DRILL A2 received")
    assert desk.view()["progress"]["scanned"] == 1
    assert [one["undone"] for one in desk.view()["recent"][:2]] == [True, False]
    assert desk.command("UNDO")["outcome"] == "done"
    assert desk.on_hand() == 0
    said = desk.command("UNDO")
    assert (said["outcome"], said["sentence"]) == ("refused", "There is nothing to take back.")
    assert desk.sound()


def test_a_session_outlives_the_daemon(desk: Desk) -> None:
    desk.command("MODE", "RECEIVE")
    desk.scan("DRILL")
    desk.scan("A1")
    other = Desk.__new__(Desk)
    other.__dict__ |= desk.__dict__  # the engine keeps nothing in memory
    assert other.scan("A2")["outcome"] == "done"
    assert other.view()["progress"]["scanned"] == 2
    assert other.view()["context"] == [
        {"slot": "item", "kind": "item", "title": "DRILL", "detail": ""}
    ]


def test_commands_with_a_wrong_check_are_no_commands(desk: Desk) -> None:
    said = desk.scan("GWC-DONE-X")
    assert (said["outcome"], said["code"]) == ("refused", "command_wrong")


def test_a_mode_that_the_station_does_not_allow_is_refused(desk: Desk) -> None:
    desk.station = replace(desk.station, modes=("lookup",))
    assert desk.command("MODE", "RECEIVE")["outcome"] == "refused"
    assert desk.view()["station"]["modes"] == ["lookup"]


def test_hostile_text_is_refused_and_named(desk: Desk) -> None:
    said = desk.scan("A1\x1b[2J")
    assert (said["outcome"], said["code"]) == ("refused", "scan_characters")
    assert desk.scan("x" * 600)["code"] == "scan_too_long"
    assert desk.scan("A1", fault="incomplete")["code"] == "scan_incomplete"
    assert desk.scan("\r\n")["code"] == "scan_empty"


def test_a_badge_signs_in_and_another_changes_over(desk: Desk) -> None:
    _operator(desk, "B-7", "Ann", ["registry:serial"])
    _operator(desk, "B-8", "Bob", [])
    desk.options(require_operator=True)
    assert desk.scan("DRILL")["code"] == "badge_needed"
    assert desk.scan("B-7")["sentence"] == "Ann works here now."
    assert desk.scan("B-8")["sentence"] == "Bob works here now; Ann is signed out."
    assert desk.view()["operator"] == {"badge": "B-8", "name": "Bob"}
    desk.command("MODE", "RECEIVE")
    desk.scan("DRILL")
    desk.scan("A1")
    row = desk.database.read("SELECT operator, station FROM event ORDER BY seq DESC LIMIT 1")
    assert row == [("Bob", "desk")]
    assert desk.command("OUT")["sentence"] == "Bob is signed out."
    assert desk.scan("A1")["code"] == "badge_needed"


def test_a_pin_is_asked_and_never_kept(desk: Desk) -> None:
    from gateway.stations.operators import hash_pin

    _operator(desk, "B-7", "Ann", [], hash_pin("B-7", "73905118"))
    asked = desk.scan("B-7")
    assert (asked["outcome"], asked["sentence"]) == ("asked", "Ann: type your PIN.")
    assert desk.view()["question"]["secret"] is True
    assert desk.scan("1111")["code"] == "operator_refused"
    assert desk.view()["operator"] is None
    desk.scan("B-7")
    assert desk.scan("73905118")["sentence"] == "Ann works here now."
    everything = [
        str(row)
        for table in ("scan", "station_session", "feed")
        for row in desk.database.read(f"SELECT * FROM {table}")
    ]
    assert not [row for row in everything if "73905118" in row]


def _operator(
    desk: Desk, badge: str, name: str, roles: list[str], pin: bytes | None = None
) -> None:
    import json

    desk.database.run(lambda t: t.execute(
        "INSERT INTO operator (id, badge, name, pin_hash, roles, created_at, changed_at) "
        "VALUES (?, ?, ?, ?, ?, 0, 0)",
        (t.allot("operator", 1).start, badge, name, pin, json.dumps(roles)),
    ))  # fmt: skip


def test_what_an_operator_may_not_do_the_station_does_not(desk: Desk) -> None:
    _operator(desk, "B-7", "Ann", ["registry:sales_order"])
    desk.scan("B-7")
    desk.command("MODE", "RECEIVE")
    desk.scan("DRILL")
    said = desk.scan("A1")
    assert (said["outcome"], said["code"]) == ("refused", "permission_denied")
    assert desk.on_hand() == 0


@pytest.mark.threat("T11")
def test_a_scanner_changes_stations_by_a_signed_barcode_only(desk: Desk) -> None:
    from gateway.codes.commands import write_command

    desk.database.run(lambda t: t.execute(
        "INSERT INTO scanner (id, name, url, created_at, changed_at) VALUES (?, 'hand', '', 0, 0)",
        (t.allot("scanner", 1).start,),
    ))  # fmt: skip
    code = write_command("STATION", "1", desk.signing.sign)
    assert desk.scan(code)["code"] == "no_scanner"
    assert desk.scan(code, scanner=1)["sentence"] == "This scanner belongs to station desk now."
    assert desk.database.read("SELECT station FROM scanner") == [(1,)]
    forged = code[:-10] + ("0" if code[-10] != "0" else "1") + code[-9:]
    assert desk.scan(forged, scanner=1)["code"] == "command_wrong"


def test_what_is_expected_is_meant_and_a_question_waits_for_its_answer(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=1)
    desk.act(Action.RECEIVE, "A1", item=2, place=2)
    desk.document("purchase_order", "A1", ("DRILL", 1), party="ACME")
    desk.command("MODE", "RECEIVE")
    said = desk.scan("A1")
    assert said["sentence"] == "A1 is a draft; it must be confirmed first."
    desk.step("purchase_order", "A1", "confirm")
    assert desk.scan("A1")["outcome"] == "done", "an order is expected, and no serial"
    assert desk.view()["context"][0]["title"] == "A1"
    desk.command("MODE", "LOOKUP")
    asked = desk.scan("A1")
    assert asked["outcome"] == "asked"
    assert desk.command("DONE")["outcome"] == "asked"
    assert desk.command("CHOOSE", "9")["outcome"] == "asked"
    assert desk.command("UNDO")["sentence"].startswith("Not answered, and nothing was done.")
    assert desk.view()["question"] is None
    assert desk.command("YES")["code"] == "nothing_asked"


def test_what_must_be_confirmed_is_asked(desk: Desk) -> None:
    settings = desk.registry.settings
    desk.database.run(lambda t: settings.put(t, "registry.reuse", "ask", "local"))
    desk.act(Action.RECEIVE, "A1", place=1)
    desk.act(Action.SHIP, "A1", party=2)
    desk.command("MODE", "RECEIVE")
    desk.scan("DRILL")
    asked = desk.scan("A1")
    assert (asked["outcome"], asked["code"]) == ("asked", "confirm")
    assert desk.on_hand() == 0
    assert desk.command("NO")["sentence"] == "Nothing was done."
    assert desk.scan("A1")["outcome"] == "asked"
    desk.may = lambda scope: scope != "registry:serial"
    assert desk.command("YES")["code"] == "permission_denied"
    assert desk.view()["question"] is None, "its answer was given, and refused"
    desk.may = lambda _: True
    desk.scan("A1")
    assert desk.command("YES")["sentence"].startswith("DRILL A1 received at DOCK.")
    assert desk.on_hand() == 1
    assert desk.sound()


def test_the_label_of_what_was_looked_up_prints(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=1)
    assert desk.command("PRINT")["outcome"] == "refused"
    assert desk.scan("A1")["subject"].startswith("serials/S")
    said = desk.command("PRINT")
    assert (said["outcome"], said["sentence"], said["job"]) == (
        "done", "A1: Its label prints.", "J1",
    )  # fmt: skip
    desk.printed.trouble = "There is no printer."
    desk.scan("A1")
    said = desk.command("PRINT")
    assert (said["outcome"], said["sentence"]) == (
        "refused", "A1: No label: There is no printer.",
    )  # fmt: skip


def test_a_gs1_code_says_item_serial_and_what_was_lost(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "SN-1", place=1)
    said = desk.scan("010950110153000321SN-1", aim="]C1")
    assert said["sentence"] == "DRILL SN-1 is received at A-01."
    said = desk.scan("0109501101530027" + "21SN-1", aim="]C1")
    assert (said["code"], said["sentence"]) == (
        "code_unknown", "No item here has the GTIN 09501101530027.",
    )  # fmt: skip
    said = desk.scan("https://id.gs1.org/01/09501101530003/21/SN-1", aim="]Q1")
    assert said["sentence"] == "DRILL SN-1 is received at A-01."


def test_an_unknown_barcode_is_given_to_its_item(desk: Desk) -> None:
    said = desk.scan("4006381333931")
    assert said["code"] == "code_unknown"
    (offer,) = said["cards"][-1]["buttons"]
    asked = desk.scan(offer["code"])
    assert asked["sentence"] == "Scan the item that 4006381333931 is a barcode of."
    assert desk.scan("LASER")["sentence"] == "4006381333931 is a barcode of LASER from now on."
    assert desk.scan("4006381333931")["sentence"] == "Item LASER."
    assert desk.registry.items.get("LASER").barcodes == ("4006381333931",)
    assert desk.scan(offer["code"])["sentence"].startswith("Scan the barcode first")


def test_what_was_chosen_and_is_gone_is_not_taken_for_another(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=1)
    desk.act(Action.RECEIVE, "A1", item=2, place=2)
    asked = desk.scan("A1")
    desk.act(Action.RENAME, "A1", item=2, rename_to="A2", reason="a typing error")
    desk.database.run(lambda t: t.execute("DELETE FROM serial_alias"))
    said = desk.scan(asked["cards"][1]["choose"])
    # A1 is the drill's alone by now, and nobody meant the drill.
    assert (said["outcome"], said["sentence"]) == (
        "refused", "What was chosen is not called A1 any more.",
    )  # fmt: skip
    assert desk.view()["question"] is None


def test_a_code_is_read_after_its_question_as_before_it(desk: Desk) -> None:
    """By its scanner's own options, whatever the answer comes from."""
    desk.act(Action.RECEIVE, "N7", place=1)
    desk.act(Action.RECEIVE, "N7", item=2, place=2)
    asked = desk.scan("SN7", identifiers=True)
    assert asked["outcome"] == "asked"
    assert desk.scan("SN7")["outcome"] == "asked", "not an answer"
    said = desk.scan(asked["cards"][1]["choose"])
    assert said["sentence"] == "LASER N7 is received at B-01."


def test_what_must_be_said_of_a_code_is_said_after_its_question_too(desk: Desk) -> None:
    """A warning of the code that asked, and its card when it is refused."""
    settings = desk.registry.settings
    desk.database.run(lambda t: settings.put(t, "registry.reuse", "ask", "local"))
    desk.act(Action.RECEIVE, "SN-1", place=1)
    desk.act(Action.SHIP, "SN-1", party=2)
    desk.command("MODE", "RECEIVE")
    desk.scan("DRILL")
    lost = "0109501101530003" + "30121SN-1"  # (30)1(21)SN-1, or (30)121…
    asked = desk.scan(lost, aim="]C1")
    assert asked["outcome"] == "asked"
    desk.may = lambda scope: scope != "registry:serial"
    refused = desk.command("YES")
    assert [card["title"] for card in refused["cards"]] == ["SN-1"]
    desk.may = lambda _: True
    desk.scan(lost, aim="]C1")
    said = desk.command("YES")
    assert said["outcome"] == "look"
    assert "GS" in said["sentence"]


def test_of_many_things_those_without_a_number_are_picked_by_their_item(desk: Desk) -> None:
    def more(t: Transaction) -> None:
        for number in range(5, 15):
            t.execute(
                "INSERT INTO item (id, sku, tracking, created_at, changed_at) "
                "VALUES (?, ?, 'serial', 0, 0)",
                (number, f"TOOL-{number:02}"),
            )

    desk.database.run(more)
    for number in range(5, 15):
        desk.act(Action.RECEIVE, "A1", item=number, place=1)
    asked = desk.scan("A1")
    assert [card["choose"][:12] for card in asked["cards"]] == [
        f"GWC-CHOOSE-{n}" for n in range(1, 10)
    ]
    assert asked["sentence"].endswith("scan the item's barcode for others.")
    last = "TOOL-14" if "TOOL-14" not in str(asked["cards"]) else "TOOL-05"
    assert desk.scan(last)["sentence"] == f"{last} A1 is received at A-01."


def test_a_mode_that_is_no_longer_allowed_is_left(desk: Desk) -> None:
    desk.command("MODE", "WRITEOFF")
    desk.station = replace(desk.station, modes=("receive", "lookup"))
    assert desk.view()["mode"]["name"] == "receive"
    desk.act(Action.RECEIVE, "A1", place=1)
    assert desk.scan("A1")["outcome"] == "refused"
    assert desk.state("A1") == "received"
