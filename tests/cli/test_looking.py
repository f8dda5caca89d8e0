"""Looking after printers, templates, keys and jobs from the command line."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run
    from tests.conftest import Daemon


def test_printers_are_a_table_for_people(at_daemon: Run) -> None:
    ran = at_daemon("printers", "list")
    heading, rule, row = ran.out.splitlines()
    assert ran.code == 0
    assert heading.split() == ["printer", "condition", "status", "address", "language", "label"]
    assert set(rule) == {"-", " "}
    assert re.fullmatch(
        r"zebra +(ready|printing|starting) .* tcp://127\.0\.0\.1:\d+ +zpl +100 mm x 50 mm", row
    )


def test_a_printer_is_added_tried_paused_and_removed(at_daemon: Run, shared_daemon: Daemon) -> None:
    url = at_daemon("printers", "show", "zebra", "--json").answer["url"]
    added = at_daemon(
        "printers", "add", "line-1", "tcp://127.0.0.1:9", "--width", "101.6", "--height", 152.4,
        "--density", "300dpi", "--no-evidence",
    )  # fmt: skip
    assert (added.code, added.out) == (
        0,
        "line-1 is at tcp://127.0.0.1:9; try it with: label-gateway printers test line-1\n",
    )
    shown = at_daemon("printers", "show", "line-1", "--json").answer
    assert (shown["media"], shown["density"], shown["evidence"]) == (
        {"width": 101_600, "height": 152_400, "stock": ""},
        "300dpi",
        "none",
    )
    assert at_daemon("printers", "pause", "line-1").out == (
        "line-1 is paused; labels on their way still come out.\n"
    )
    assert at_daemon("printers", "show", "line-1", "--json").answer["paused"] is True
    assert at_daemon("printers", "resume", "line-1").out == "line-1 goes on.\n"
    assert at_daemon("printers", "remove", "line-1").out == "line-1 is removed.\n"
    gone = at_daemon("printers", "show", "line-1")
    assert (gone.code, gone.err.startswith("There is no printer 'line-1'")) == (1, True)
    assert at_daemon("printers", "show", "zebra", "--json").answer["url"] == url


def test_a_test_label_says_that_it_came_out(at_daemon: Run) -> None:
    ran = at_daemon("printers", "test", "zebra")
    assert ran.code == 0
    assert re.match(r"J\d+ is done: 1 printed\.\nIts cross belongs 50 mm from the left ", ran.out)


def test_a_template_is_shown_saved_and_deleted(at_daemon: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    assert at_daemon("templates", "show", "serial-label", "-o", file).code == 0
    document = json.loads(file.read_text("utf-8"))
    assert document["name"] == "serial-label"
    saved = at_daemon("templates", "save", file, "--name", "mine", "--note", "a copy")
    assert (saved.code, saved.out) == (0, "mine is saved as number 1.\n")
    document["title"] = "Mine"
    file.write_text(json.dumps(document))
    assert at_daemon("templates", "save", file, "--name", "mine").out == (
        "mine is saved as number 2.\n"
    )
    versions = at_daemon("templates", "versions", "mine", "--json").answer
    assert [(v["number"], v["note"]) for v in versions] == [(2, ""), (1, "a copy")]
    first = at_daemon("templates", "show", "mine", "--version", 1, "--json").answer
    assert first["document"].get("title") != "Mine"
    back = at_daemon("templates", "back", "mine", "1", "--note", "as it was")
    assert (back.code, back.out) == (0, "mine is as number 1 was, now as number 3.\n")
    again = at_daemon("templates", "show", "mine", "--json").answer
    assert (again["version"], again["note"]) == (first["version"], "as it was")
    assert at_daemon("templates", "delete", "mine").code == 0
    assert "mine" not in [t["name"] for t in at_daemon("templates", "list", "--json").answer]


def test_a_template_waits_where_a_second_person_must_approve(
    at_daemon: Run, tmp_path: Path, shared_daemon: Daemon
) -> None:
    file = tmp_path / "mine.json"
    at_daemon("templates", "show", "serial-label", "-o", file)
    parts = shared_daemon.gateway.parts

    def approval(on: bool) -> None:
        parts.database.run(lambda t: parts.settings.put(t, "labels.approval", on, "test"))

    approval(True)
    try:
        saved = at_daemon("templates", "save", file, "--name", "approved")
    finally:
        approval(False)
    assert (saved.code, saved.out) == (
        0,
        "approved waits for a second person, who must approve it; until then nothing changes.\n",
    )
    assert "approved" not in [t["name"] for t in at_daemon("templates", "list", "--json").answer]


def test_a_template_that_is_no_json_is_refused(at_daemon: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text("{")
    ran = at_daemon("templates", "save", file)
    assert (ran.code, ran.err.startswith(f"{file} is not JSON: ")) == (1, True)
    file.write_text("{}")
    ran = at_daemon("templates", "save", file)
    assert (ran.code, ran.err) == (
        2,
        f"label-gateway: {file} has no name of its own; give --name\n",
    )


@pytest.mark.threat("T7")
def test_a_key_is_shown_once_opens_what_it_may_and_nothing_after_it_was_revoked(
    at_daemon: Run, tmp_path: Path
) -> None:
    made = at_daemon("keys", "make", "shop", "--scopes", "read", "--expires-in", "1d")
    assert made.code == 0
    assert re.fullmatch(r"gw_[0-9a-f]{8}_[A-Za-z0-9_-]{43}\n", made.out)
    assert made.err == "The key of shop. It is not shown again:\n"
    listed = at_daemon("keys", "list")
    assert made.out.strip()[12:] not in listed.out
    assert listed.out.splitlines()[2].split()[:3:2] == ["shop", "read"]
    file = tmp_path / "shop.key"
    file.write_text(made.out)
    assert at_daemon("printers", "list", "--key-file", file).code == 0
    refused = at_daemon("printers", "pause", "zebra", "--key-file", file)
    assert (refused.code, refused.err) == (
        1,
        "key:shop does not have the scope 'print'; use a key that has it.\n",
    )
    assert at_daemon("keys", "revoke", "shop").out == "shop is revoked.\n"
    refused = at_daemon("printers", "list", "--key-file", file)
    assert (refused.code, refused.err) == (
        1,
        "The key 'shop' was revoked; ask for a new one.\n",
    )


@pytest.mark.threat("T7")
def test_the_command_line_finds_its_key_when_local_access_is_closed(
    daemon: Daemon, command: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from gateway.client import Gateway, Problem

    monkeypatch.setenv("GATEWAY_DATA_DIR", str(daemon.data_dir))
    monkeypatch.setenv("GATEWAY_LISTEN", daemon.url.removeprefix("http://"))
    with Gateway(daemon.url) as gateway:
        gateway.call("PUT", "/v1/settings/local_access", {"value": "closed"})
        with pytest.raises(Problem) as refused:
            gateway.printers()
        assert refused.value.status == 401
    assert command("printers", "list").code == 0


def test_a_job_that_no_printer_can_print_says_why_it_is_held(at_daemon: Run) -> None:
    ran = at_daemon(
        "print", "--printer", "zebra", "--template", "serial-label", "serial=H-2", "--stock", "red",
        "--wait",
    )  # fmt: skip
    job = ran.out.split(":")[0]
    assert (ran.code, ran.out.splitlines()[1]) == (
        1,
        f"{job} is on hold: 1 held. The job asks for stock 'red', and printer 'zebra' has stock "
        "without a name; load that stock and change the printer's media.",
    )
    at_daemon("jobs", "cancel", job)


def test_a_printer_shows_how_it_is_set(at_daemon: Run) -> None:
    at_daemon("printers", "add", "line-8", "tcp://127.0.0.1:9102", "--width", 100, "--height", 50,
              "--no-evidence")  # fmt: skip
    at_daemon("printers", "set", "line-8", "--stock", "white", "--darkness", 80, "--speed", 100,
              "--tracking", "gap", "--gap", "2.5", "--finish", "cut")  # fmt: skip
    aligned = at_daemon("printers", "align", "line-8", "49.5", "25")
    assert aligned.out == (
        "line-8 prints 0.5 mm to the right from now on; check it with: label-gateway printers "
        "test line-8\n"
    )
    shown = at_daemon("printers", "show", "line-8").out.splitlines()
    rows = dict(re.split(" {2,}", row, maxsplit=1) for row in shown if "  " in row.strip())
    assert {key: rows[key] for key in list(rows)[3:10]} == {
        "label": "100 mm x 50 mm", "stock": "white", "finds labels by": "gap",
        "gap or mark": "2.5 mm", "darkness": "80 %", "speed": "100 mm/s", "finish": "cut",
    }  # fmt: skip
    assert rows["ink is moved"] == "0.5 mm to the right"
    at_daemon("printers", "remove", "line-8")


def test_jobs_are_held_released_and_cancelled(at_daemon: Run) -> None:
    job = at_daemon(
        "print", "--printer", "zebra", "--template", "serial-label", "serial=H-1", "--hold",
        "--title", "for later", "--json",
    ).answer["id"]  # fmt: skip
    listed = at_daemon("jobs", "list", "--state", "held")
    assert re.search(rf"{job} +held +zebra +1 +0 +serial-label .* for later", listed.out)
    held = at_daemon("jobs", "wait", job)
    assert (held.code, held.out) == (
        1,
        f"{job} is on hold: 1 held. Let it go with: label-gateway jobs release {job}\n",
    )
    assert at_daemon("jobs", "release", job).code == 0
    assert at_daemon("jobs", "hold", job).code in (0, 1)  # the printer may have been faster
    at_daemon("jobs", "cancel", job)
    ended = at_daemon("jobs", "wait", job[1:], "--json").answer
    assert ended["state"] in ("cancelled", "done")
    late = at_daemon("jobs", "cancel", job)
    assert late.code == 1
    assert late.err.startswith(f"Job {job} is ")


def test_who_waits_is_told_what_the_printer_waits_for(
    daemon: Daemon, command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in daemon.environment.items():
        monkeypatch.setenv(name, value)
    assert command("printers", "pause", "zebra").code == 0
    ran = command(
        "print", "--printer", "zebra", "--template", "serial-label", "serial=W-1", "--wait",
        "--timeout", "3s",
    )  # fmt: skip
    assert ran.code == 1
    assert re.fullmatch(r"J1 waits for zebra: .*paused.*\n", ran.err, re.IGNORECASE)
    assert ran.out.splitlines()[1] == (
        "J1 is still queued: 1 queued. Wait on with: label-gateway jobs wait J1"
    )


def test_a_reprint_keeps_its_reason(at_daemon: Run) -> None:
    first = at_daemon(
        "print", "--printer", "zebra", "--template", "serial-label", "serial=R-1", "--wait",
        "--json",
    ).answer["id"]  # fmt: skip
    ran = at_daemon("jobs", "reprint", first, "--reason", "smeared", "--labels", 1, "--json")
    assert (ran.code, ran.answer["labels"]) == (0, 1)
    assert at_daemon("jobs", "wait", ran.answer["id"]).code == 0
    (label,) = at_daemon("jobs", "show", ran.answer["id"], "--json").answer["items"]
    assert label["data"] == {"serial": "R-1"}
    assert label["reprint_of"] is not None


def test_the_one_question_is_shown_and_answered(
    daemon: Daemon, command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in daemon.environment.items():
        monkeypatch.setenv(name, value)
    assert command("jobs", "answer", "zebra").out == "There is nothing to answer for zebra.\n"
    job = command(
        "print", "--printer", "zebra", "--template", "serial-label", "serial=Q-1", "--wait",
        "--json",
    ).answer["id"]  # fmt: skip
    # As after a power loss: the label was on its way, and nobody can tell.
    daemon.gateway.parts.database.run(
        lambda t: (
            t.execute("UPDATE label SET state = 'uncertain', evidence = NULL"),
            t.execute(
                "UPDATE job SET state = 'needs_attention', printed = 0, uncertain = 1, "
                "ended_at = NULL"
            ),
        )
    )
    waited = command("jobs", "wait", job)
    assert (waited.code, waited.out) == (
        1,
        f"{job} needs you: 1 uncertain. Look at the printer, then answer with: label-gateway "
        "jobs answer zebra\n",
    )
    question = command("jobs", "answer", "zebra")
    assert question.code == 1
    assert question.out.startswith("Look at the paper of zebra: is this label on it?\n")
    assert "serial=Q-1" in question.out
    half = command("jobs", "answer", "zebra", "--rest", "drop")
    assert (half.code, half.err) == (
        2,
        "label-gateway: give --last-printed and --rest together, or neither to see the question\n",
    )
    label = command("jobs", "show", job, "--json").answer["items"][0]["id"]
    answered = command(
        "jobs", "answer", "zebra", "--last-printed", label, "--rest", "drop", "--json"
    )
    assert (answered.code, answered.answer["confirmed"]) == (0, [label])
    assert command("jobs", "wait", job, "--json").answer["state"] == "done"


def test_a_printer_is_set_tested_and_aligned(at_daemon: Run) -> None:
    at_daemon("printers", "set", "zebra", "--darkness", 60, "--tracking", "gap", "--stock", "PN 7")
    shown = at_daemon("printers", "show", "zebra", "--json").answer
    assert (shown["setup"]["darkness"], shown["setup"]["tracking"]) == (60, "gap")
    assert shown["media"]["stock"] == "PN 7"
    at_daemon("printers", "set", "zebra", "--darkness", "as-it-is", "--tracking", "as-it-is")
    shown = at_daemon("printers", "show", "zebra", "--json").answer
    assert (shown["setup"]["darkness"], shown["setup"]["tracking"]) == (None, None)
    assert shown["media"]["stock"] == "PN 7", "what was not said stays"
    tested = at_daemon("printers", "test", "zebra")
    assert tested.code == 0
    assert tested.out.endswith(
        "Its cross belongs 50 mm from the left edge and 25 mm from the top. Is it elsewhere? "
        "Measure both in mm, and say: label-gateway printers align zebra LEFT TOP\n"
    )
    aligned = at_daemon("printers", "align", "zebra", "51", "24.5")
    assert (aligned.code, aligned.out) == (
        0,
        "zebra prints 1 mm to the left and 0.5 mm lower from now on; check it with: label-gateway "
        "printers test zebra\n",
    )
    at_daemon("printers", "align", "zebra", "49", "25.5")


def test_a_pool_is_made_listed_and_removed(at_daemon: Run) -> None:
    assert at_daemon("pools", "list").out.startswith("There is no pool; make one with: ")
    made = at_daemon("pools", "set", "packing", "zebra")
    assert (made.code, made.out) == (0, "packing prints on zebra.\n")
    listed = at_daemon("pools", "list").out.splitlines()
    assert listed[0].split() == ["pool", "waiting", "printer", "stock", "status"]
    assert listed[-1].split()[:3] == ["packing", "0", "zebra"]
    printed = at_daemon(
        "print", "--printer", "packing", "--template", "serial-label", "serial=SN-1", "--wait"
    )
    assert printed.code == 0
    rows = at_daemon("jobs", "show", printed.out.split(":")[0]).out.splitlines()
    assert rows[-3].split() == [
        "label", "number", "copy", "state", "printer", "evidence", "data", "problem",
    ]  # fmt: skip
    assert rows[-1].split()[3:6] == ["printed", "zebra", "odometer"]
    removed = at_daemon("pools", "remove", "packing")
    assert removed.out == "packing is removed; its printers stay.\n"


def test_another_device_takes_a_printers_name(at_daemon: Run) -> None:
    at_daemon("printers", "add", "line-9", "tcp://127.0.0.1:9", "--width", 100, "--height", 50,
              "--no-evidence")  # fmt: skip
    replaced = at_daemon("printers", "replace", "line-9", "tcp://127.0.0.1:9101")
    assert (replaced.code, replaced.out) == (
        0, "line-9 is at tcp://127.0.0.1:9101 now; what waits prints there.\n",
    )  # fmt: skip
    at_daemon("printers", "remove", "line-9")


def test_the_known_models_are_a_table(at_daemon: Run) -> None:
    ran = at_daemon("printers", "models", "--language", "brother-ql")
    assert ran.code == 0
    assert ran.out.splitlines()[0].split()[:1] == ["model"]
    assert "ql-820nwb" in ran.out.lower()
    assert " zpl " not in ran.out
