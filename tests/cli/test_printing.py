"""Printing from the command line, as a person or a script does it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
import zxingcpp
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

PRINT = ("print", "--printer", "zebra", "--template", "serial-label")


def test_a_label_is_printed_and_waited_for(at_daemon: Run) -> None:
    ran = at_daemon(*PRINT, "serial=SN-1", "item=HT-9000", "--copies", 2, "--wait")
    job = ran.out.partition(":")[0]
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (f"{job}: 2 labels accepted for zebra, queued\n{job} is done: 2 printed.\n")


def test_programs_get_the_job_as_json(at_daemon: Run) -> None:
    ran = at_daemon(*PRINT, "serial=SN-1", "--wait", "--json")
    assert ran.code == 0
    assert {k: ran.answer[k] for k in ("state", "labels", "printer", "counts")} == {
        "state": "done",
        "labels": 1,
        "printer": "zebra",
        "counts": {"printed": 1},
    }
    shown = at_daemon("jobs", "show", ran.answer["id"], "--json").answer
    assert [
        {k: label[k] for k in ("number", "copy", "state", "evidence", "data")}
        for label in shown["items"]
    ] == [
        {
            "number": 1,
            "copy": 1,
            "state": "printed",
            "evidence": "odometer",
            "data": {"serial": "SN-1"},
        }
    ]


def test_a_csv_file_is_a_label_for_each_row(at_daemon: Run, tmp_path: Path) -> None:
    file = tmp_path / "batch.csv"
    file.write_bytes("\ufeffserial;item\r\nA-1;HT\r\nA-2;\r\n".encode())
    ran = at_daemon(*PRINT, "--csv", file, "--hold", "--json")
    assert (ran.code, ran.answer["labels"], ran.answer["state"]) == (0, 2, "held")
    shown = at_daemon("jobs", "show", ran.answer["id"], "--json").answer
    assert [label["data"] for label in shown["items"]] == [
        {"serial": "A-1", "item": "HT"},
        {"serial": "A-2"},
    ]
    assert at_daemon("jobs", "cancel", ran.answer["id"]).code == 0


def test_a_large_file_is_printed_whole_or_not_at_all(
    at_daemon: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.cli.rows.MOST_ROWS", 2)
    before = {job["id"] for job in at_daemon("jobs", "list", "--json").answer}
    file = tmp_path / "batch.jsonl"
    rows = [{"serial": "B-1"}, {"serial": "B-2"}, {"serial": "B-3"}, {"serial": ""}]
    file.write_text("\n".join(json.dumps(row) for row in rows))
    ran = at_daemon(*PRINT, "--jsonl", file)
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith("Row 3 or a later one was refused; nothing was printed.\n")
    made = [job for job in at_daemon("jobs", "list", "--json").answer if job["id"] not in before]
    assert [(job["state"], job["labels"]) for job in made] == [("cancelled", 2)]

    rows[3] = {"serial": "B-4"}
    file.write_text("\n".join(json.dumps(row) for row in rows))
    ran = at_daemon(*PRINT, "--jsonl", file, "--wait", "--json")
    assert ran.code == 0
    assert [(job["state"], job["counts"]) for job in ran.answer] == [
        ("done", {"printed": 2}),
        ("done", {"printed": 2}),
    ]


def test_a_dry_run_writes_a_picture_of_each_label(at_daemon: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("serial\nC-1\nC-2\n")
    ran = at_daemon(*PRINT, "--csv", file, "--dry-run", tmp_path / "label.png")
    pictures = [tmp_path / "label.png", tmp_path / "label-2.png"]
    assert (ran.code, ran.out) == (0, "".join(f"{picture} written\n" for picture in pictures))
    texts = []
    for picture in pictures:
        with Image.open(picture) as image:
            texts += [code.text for code in zxingcpp.read_barcodes(image)]
    assert texts == ["C-1", "C-2"]


def test_raw_commands_and_documents_are_printed(at_daemon: Run, tmp_path: Path) -> None:
    (tmp_path / "label.zpl").write_text("^XA^FO50,50^GB100,100,5^FS^XZ")
    ran = at_daemon("print", "--printer", "zebra", "--raw", tmp_path / "label.zpl", "--wait")
    assert (ran.code, ran.out.splitlines()[-1].endswith(" is done: 1 printed.")) == (0, True)
    picture = tmp_path / "label.png"
    assert at_daemon("preview", "serial-label", "serial=D-1", "-o", picture).code == 0
    ran = at_daemon("print", "--printer", "zebra", "--document", picture, "--wait")
    assert (ran.code, ran.out.splitlines()[-1].endswith(" is done: 1 printed.")) == (0, True)


@pytest.mark.parametrize(
    ("name", "start"), [("x.png", b"\x89PNG"), ("x.pdf", b"%PDF-"), ("x.svg", b"<")]
)
def test_a_preview_is_what_its_ending_says(
    at_daemon: Run, tmp_path: Path, name: str, start: bytes
) -> None:
    assert at_daemon("preview", "asset-tag", "-o", tmp_path / name).code == 0
    assert (tmp_path / name).read_bytes().startswith(start)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (
            ("print", "--printer", "zebr", "--template", "serial-label", "serial=1"),
            1,
            "There is no printer 'zebr'; did you mean 'zebra'?",
        ),
        (
            (*PRINT, "seria=1"),
            1,
            "'seria' is no field of template 'serial-label'; did you mean 'serial'?",
        ),
        (
            (*PRINT, "serial"),
            2,
            "label-gateway: 'serial' is no field; write name=value, such as serial=SN-1",
        ),
        (
            (*PRINT, "serial=1", "serial=2"),
            2,
            "label-gateway: the field 'serial' is given twice",
        ),
        (
            (*PRINT, "serial=1", "--raw", "x"),
            2,
            "label-gateway: give --template with fields, or --document, or --raw; and one of "
            "them only",
        ),
        (
            (*PRINT, "serial=1", "--copies", "0"),
            2,
            "label-gateway: --copies must be 1 or more, got 0",
        ),
        (
            ("print", "--printer", "zebra", "--document", "/no/such.pdf"),
            1,
            "/no/such.pdf cannot be read: No such file or directory.",
        ),
        (
            ("preview", "serial-label", "-o", "label.gif"),
            2,
            "label-gateway: 'label.gif' must end in .png, .pdf or .svg",
        ),
    ],
)
def test_a_refusal_is_one_sentence_and_the_right_code(
    at_daemon: Run, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    ran = at_daemon(*arguments)
    assert (ran.code, ran.out, ran.err) == (code, "", sentence + "\n")


def test_programs_get_a_refusal_as_json(at_daemon: Run) -> None:
    ran = at_daemon(*PRINT, "--json")
    assert (ran.code, ran.out) == (1, "")
    refusal = json.loads(ran.err)
    assert refusal["type"] in ("/problems/field-refused", "/problems/several")
    assert re.search(r"serial", refusal["detail"])


def test_every_refused_row_is_told(at_daemon: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"serial": "E-1"}\n{}\n{"serial": "E-2"}\n{}\n')
    ran = at_daemon(*PRINT, "--jsonl", file)
    first, second = ran.err.splitlines()
    assert ran.code == 1
    assert first.startswith("2 of 4 labels were refused; the first, label 2: ")
    assert second.startswith("  label 4: ")


def test_nobody_at_home_is_exit_3(command: Run, tmp_path: Path) -> None:
    ran = command(*PRINT, "serial=1", "--url", "http://127.0.0.1:9", "--data-dir", tmp_path)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("No label-gateway answers at http://127.0.0.1:9 (")
