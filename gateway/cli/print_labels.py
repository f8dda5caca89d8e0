"""``label-gateway print``: labels from fields, from a file of rows, from a document, or raw."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from gateway.cli.calling import add_calling, add_settings, call_gateway
from gateway.cli.terminal import Terminal, as_plain
from gateway.cli.words import parse_fields, parse_seconds
from gateway.errors import FieldRefused, InputRefused

if TYPE_CHECKING:
    from gateway.client import Gateway, Job

_EPILOG = """\
examples:
  label-gateway print --printer zebra --template serial-label serial=SN-1 item=HT-9000 --wait
  label-gateway print --printer zebra --template serial-label --csv batch.csv --wait
  label-gateway print --printer zebra --template serial-label serial=SN-1 --dry-run label.png
  label-gateway print --printer zebra --document waybill.pdf --copies 2
  label-gateway print --printer zebra --raw label.zpl

With --csv or --jsonl a file is printed whole or not at all: when one row is refused, nothing is.
"""


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "print",
        help="print labels",
        description="Print labels. Accepted means durable: once this command names a job, its "
        "labels survive a crash or a power cut and are printed once.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    what = parser.add_argument_group("what")
    what.add_argument("--printer", required=True, metavar="NAME", help="where to print")
    what.add_argument("--template", metavar="NAME", help="template of the labels")
    what.add_argument("fields", nargs="*", metavar="name=value", help="fields of one label")
    what.add_argument("--csv", metavar="FILE", help="a label for each row; - reads the input")
    what.add_argument("--jsonl", metavar="FILE", help="a label for each JSON object of a line")
    what.add_argument("--raw", metavar="FILE", help="printer commands, sent as they are")
    what.add_argument("--document", metavar="FILE", help="a PDF, PNG or ZPL file")
    how = parser.add_argument_group("how")
    how.add_argument("--copies", type=int, default=1, metavar="N", help="of each label")
    how.add_argument("--version", metavar="HASH", help="an older version of the template")
    how.add_argument("--mode", choices=("exact", "native"), help="dots, or printer commands")
    how.add_argument("--priority", type=int, default=0, metavar="N", help="higher goes first")
    how.add_argument("--hold", action="store_true", help="accept now, print when released")
    how.add_argument("--strict", action="store_true", help="one label at a time, each proved")
    how.add_argument(
        "--expires-in", type=parse_seconds, metavar="TIME", help="not to be printed later: 8h"
    )
    how.add_argument("--stock", default="", metavar="NAME", help="the stock it must be printed on")
    how.add_argument("--title", default="", help="what people call this job")
    how.add_argument("--fit", metavar="HOW", help="how a document takes the label's size")
    how.add_argument("--rotate", type=int, choices=(0, 90, 180, 270), help="turn a document")
    how.add_argument("--pages", metavar="1,3-5", help="pages of a document")
    how.add_argument(
        "--uncounted", action="store_true", help="raw commands whose labels cannot be counted"
    )
    how.add_argument(
        "--idempotency-key", metavar="KEY", help="the same key prints once, however often it runs"
    )
    after = parser.add_argument_group("and then")
    after.add_argument("--dry-run", type=Path, metavar="FILE.png", help="draw it, print nothing")
    after.add_argument("--wait", action="store_true", help="until the labels are on paper")
    after.add_argument(
        "--timeout", type=parse_seconds, metavar="TIME", help="stop waiting after this: 5m"
    )
    add_calling(parser)
    add_settings(parser)
    parser.set_defaults(command=print_labels)


def print_labels(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Post the job or jobs; wait for them when asked to."""
    _check_what(arguments)
    with call_gateway(arguments) as gateway:
        if arguments.dry_run is not None:
            return _dry_run(gateway, arguments, terminal)
        jobs = _post(gateway, arguments, terminal)
        for job in jobs:
            labels = "1 label" if job.labels == 1 else f"{job.labels} labels"
            terminal.say(f"{job.id}: {labels} accepted for {arguments.printer}, {job.state}")
        if not arguments.wait:
            terminal.answer(as_plain(jobs[0] if len(jobs) == 1 else jobs))
            return 0
        return wait_for(gateway, jobs, terminal, arguments.timeout)


def _check_what(arguments: argparse.Namespace) -> None:
    rows = [name for name in ("csv", "jsonl") if getattr(arguments, name)]
    if arguments.fields:
        rows.append("name=value")
    others = [name for name in ("raw", "document") if getattr(arguments, name)]
    if arguments.template and not others:
        if len(rows) > 1:
            _wrong(f"give the fields once: {' or '.join(rows)}")
    elif len(others) != 1 or arguments.template or rows:
        _wrong("give --template with fields, or --document, or --raw; and one of them only")
    if arguments.copies < 1:
        _wrong(f"--copies must be 1 or more, got {arguments.copies}")
    if arguments.dry_run is not None and others:
        _wrong("--dry-run draws templates; what a document is, its file shows")
    if arguments.idempotency_key and rows and rows[0] in ("csv", "jsonl"):
        _wrong("--idempotency-key is for one job; a file of rows may become several")


def _wrong(sentence: str) -> None:
    raise argparse.ArgumentTypeError(sentence)


def _post(gateway: Gateway, arguments: argparse.Namespace, terminal: Terminal) -> list[Job]:
    common: dict[str, Any] = {
        "copies": arguments.copies,
        "priority": arguments.priority,
        "hold": arguments.hold,
        "strict": arguments.strict,
        "expires_in": arguments.expires_in,
        "title": arguments.title,
        "stock": arguments.stock,
        "idempotency_key": arguments.idempotency_key,
    }
    if arguments.raw:
        commands = read_bytes(arguments.raw)
        return [
            gateway.print_raw(arguments.printer, commands, uncounted=arguments.uncounted, **common)
        ]
    if arguments.document:
        content = read_bytes(arguments.document)
        try:
            return [
                gateway.print_document(
                    arguments.printer,
                    content,
                    fit=arguments.fit,
                    rotation=arguments.rotate,
                    pages=arguments.pages,
                    **common,
                )
            ]
        except ValueError as error:
            raise InputRefused(f"{arguments.document}: {error}") from error
    common |= {"mode": arguments.mode, "version": arguments.version}
    return _post_rows(gateway, arguments, common, terminal)


def _post_rows(
    gateway: Gateway, arguments: argparse.Namespace, common: dict[str, Any], terminal: Terminal
) -> list[Job]:
    from gateway.cli.rows import batches

    rows = rows_of(arguments)
    parts = list(batches(rows))
    if len(parts) == 1:
        return [gateway.print(arguments.printer, arguments.template, rows, **common)]
    # Several jobs are accepted on hold and let go together: all of the file, or nothing of it.
    jobs: list[Job] = []
    done = 0
    try:
        with terminal.progress(len(rows), "rows accepted") as progress:
            for part in parts:
                held = common | {"hold": True}
                jobs.append(gateway.print(arguments.printer, arguments.template, part, **held))
                done += len(part)
                progress.reach(done)
    except BaseException:
        for job in jobs:
            gateway.act(job.id, "cancel")
        terminal.remark(f"Row {done + 1} or a later one was refused; nothing was printed.")
        raise
    if arguments.hold:
        return jobs
    return [gateway.act(job.id, "release") for job in jobs]


def rows_of(arguments: argparse.Namespace) -> Sequence[Any]:
    """Return the fields of each label: from a file, or the one that is given.

    Raises:
        InputRefused: the file cannot be read, or holds no such rows.
    """
    from gateway.cli.rows import read_rows

    for form in ("csv", "jsonl"):
        if name := getattr(arguments, form):
            try:
                text = read_bytes(name).decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise FieldRefused(
                    f"{name} is not UTF-8 text (byte {error.start}); save it as UTF-8."
                ) from error
            return read_rows(text, name, cast(Any, form))
    return [parse_fields(arguments.fields)]


def read_bytes(name: str) -> bytes:
    """Return a file's content, of the standard input for ``-``.

    Raises:
        InputRefused: it cannot be read.
    """
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise InputRefused(
            f"{name} cannot be read: {error.strerror or type(error).__name__}."
        ) from error


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file.

    Raises:
        InputRefused: it cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputRefused(
            f"{path} cannot be written: {error.strerror or type(error).__name__}."
        ) from error


def _dry_run(gateway: Gateway, arguments: argparse.Namespace, terminal: Terminal) -> int:
    rows = rows_of(arguments)
    pictures = gateway.dry_run(
        arguments.printer,
        arguments.template,
        rows,
        version=arguments.version,
        mode=arguments.mode,
    )
    path: Path = arguments.dry_run
    files = [path, *(path.with_stem(f"{path.stem}-{n}") for n in range(2, len(pictures) + 1))]
    for file, picture in zip(files, pictures, strict=False):
        write_bytes(file, picture)
        terminal.say(f"{file} written")
    if len(rows) > len(pictures):
        terminal.say(f"The first {len(pictures)} of {len(rows)} labels; all were checked.")
    terminal.answer({"files": [str(file) for file in files], "labels": len(rows)})
    return 0


# ---------------------------------------------------------------- waiting


def wait_for(
    gateway: Gateway, jobs: Sequence[Job], terminal: Terminal, timeout: float | None
) -> int:
    """Wait until every job has ended or needs a person; say how it went; return the exit code."""
    until = None if timeout is None else time.monotonic() + timeout
    total = sum(job.labels for job in jobs)
    ended: list[Job] = []
    settled = 0
    trouble = Trouble(gateway, terminal)
    with terminal.progress(total, "labels on paper") as progress:
        for job in jobs:
            latest = job
            while True:
                left = None if until is None else max(0.0, until - time.monotonic())
                latest = gateway.wait(latest.id, 1.0 if left is None else min(1.0, left))
                progress.reach(settled + arrived(latest))
                if is_settled(latest) or left == 0:
                    break
                trouble.tell(latest)
            settled += arrived(latest)
            ended.append(latest)
    terminal.answer(as_plain(ended[0] if len(ended) == 1 else ended))
    for job in ended:
        terminal.say(sentence_of(job))
    return 0 if all(job.state == "done" for job in ended) else 1


class Trouble:
    """Says once what keeps a printer from printing: who waits shall not wait in the dark."""

    def __init__(self, gateway: Gateway, terminal: Terminal) -> None:
        self._gateway, self._terminal = gateway, terminal
        self._told: dict[str, str] = {}

    def tell(self, job: Job) -> None:
        """Say how the job's printer is, if that is news and bad."""
        status = self._gateway.printer_status(job.printer)
        stands = status.get("condition") in ("stopped", "unreachable", "paused")
        sentence = str(status.get("sentence", "")) if stands else ""
        if sentence and self._told.get(job.printer) != sentence:
            self._terminal.remark(f"{job.id} waits for {job.printer}: {sentence}")
        self._told[job.printer] = sentence


def is_settled(job: Job) -> bool:
    """Return whether nothing more happens to a job before a person acts."""
    return job.ended or job.state in ("needs_attention", "held")


def arrived(job: Job) -> int:
    """Return how many labels of a job are where they were to go, as far as can be known."""
    return job.counts.get("printed", 0) + job.counts.get("sent", 0)


def sentence_of(job: Job) -> str:
    """Return how a job stands, in a sentence with what to do."""
    counted = ", ".join(f"{n} {state}" for state, n in job.counts.items() if n)
    counted = counted or "no labels"
    if job.state == "needs_attention":
        return (
            f"{job.id} needs you: {counted}. Look at the printer, then answer with: "
            f"label-gateway jobs answer {job.printer}"
        )
    if job.state == "held":
        if job.problem:  # releasing it helps nothing
            return f"{job.id} is on hold: {counted}. {job.problem}"
        return (
            f"{job.id} is on hold: {counted}. Let it go with: label-gateway jobs release {job.id}"
        )
    if job.ended:
        return f"{job.id} is {job.state}: {counted}."
    return (
        f"{job.id} is still {job.state}: {counted}. Wait on with: label-gateway jobs wait {job.id}"
    )
