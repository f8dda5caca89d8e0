"""``label-gateway jobs``: what became of the labels, and what people decide about them."""

from __future__ import annotations

import argparse
import itertools
from typing import TYPE_CHECKING, Any

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.print_labels import sentence_of, wait_for
from gateway.cli.terminal import Terminal, as_plain, local_time
from gateway.cli.words import job_id, label_id, parse_numbers, parse_seconds

if TYPE_CHECKING:
    from gateway.client import Gateway, Job

_STATES = ("needs_attention", "printing", "held", "queued", "done", "failed", "cancelled")


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "jobs",
        help="see, hold, cancel and reprint jobs; answer for uncertain labels",
        description="What became of the labels, and what people decide about them.",
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    listing = add_action(actions, "list", list_jobs, "list jobs, newest first")
    listing.add_argument("--state", choices=_STATES, help="only these")
    listing.add_argument("--printer", metavar="NAME", help="only of this printer")
    listing.add_argument("--limit", type=int, default=20, metavar="N", help="at most (20)")

    show = add_action(actions, "show", show_job, "show a job with each of its labels")
    show.add_argument("job", type=job_id, help="such as J12")
    show.add_argument("--limit", type=int, default=100, metavar="N", help="labels at most (100)")

    wait = add_action(actions, "wait", wait_jobs, "wait until jobs have ended or need a person")
    wait.add_argument("jobs", nargs="+", type=job_id, metavar="job")
    wait.add_argument("--timeout", type=parse_seconds, metavar="TIME", help="at most: 5m")

    for name, words in (
        ("hold", "keep labels that wait from printing"),
        ("release", "let held labels print"),
        ("cancel", "withdraw what has not been printed"),
    ):
        action = add_action(actions, name, act_on_jobs, words)
        action.add_argument("jobs", nargs="+", type=job_id, metavar="job")
        action.set_defaults(action=name)

    reprint = add_action(actions, "reprint", reprint_job, "print labels of a job once more")
    reprint.add_argument("job", type=job_id)
    reprint.add_argument("--reason", required=True, help="why; kept with the new job")
    reprint.add_argument("--labels", type=parse_numbers, metavar="1,3-5", help="only these")

    answer = add_action(
        actions,
        "answer",
        answer_question,
        "answer for labels of which nobody knows whether they are on paper",
        "Without --last-printed it shows the question: the labels a printer may or may not have "
        "printed, in the order they were sent. Look at the paper, name the last label that is on "
        "it, and say what becomes of the rest.",
    )
    answer.add_argument("printer", help="the printer that was interrupted")
    answer.add_argument(
        "--last-printed",
        metavar="LABEL",
        help="the last of them that is on paper, such as L17; none: not one is",
    )
    answer.add_argument(
        "--rest", choices=("reprint", "drop"), help="print the others anew, or give them up"
    )


def list_jobs(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List jobs."""
    with call_gateway(arguments) as gateway:
        found = gateway.jobs(state=arguments.state, printer=arguments.printer)
        jobs = list(itertools.islice(found, max(0, arguments.limit)))
    terminal.answer([as_plain(job) for job in jobs])
    if not jobs:
        terminal.say("There are no such jobs.")
        return 0
    terminal.table(
        ["job", "state", "printer", "labels", "on paper", "template", "accepted", "title"],
        [
            [
                job.id,
                job.state,
                job.printer,
                job.labels,
                job.on_paper,
                job.template,
                local_time(job.accepted_at),
                job.title,
            ]
            for job in jobs
        ],
    )
    return 0


def show_job(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show one job and its labels."""
    with call_gateway(arguments) as gateway:
        job = gateway.job(arguments.job)
        labels = list(itertools.islice(gateway.labels(arguments.job), max(0, arguments.limit)))
    terminal.answer({**as_plain(job), "items": [as_plain(label) for label in labels]})
    terminal.say(sentence_of(job))
    terminal.say(
        f"Accepted {local_time(job.accepted_at)} for {job.printer}"
        + (f" by {job.actor}" if job.actor else "")
        + (f": {job.title}" if job.title else "")
    )
    terminal.say()
    # The printer of a pool that took it: there is its paper.
    of_pool = any(label.printer not in (None, job.printer) for label in labels)
    terminal.table(
        ["label", "number", "copy", "state", *(["printer"] if of_pool else []), "evidence",
         "data", "problem"],
        [
            [label.id, label.number, label.copy, label.state,
             *([label.printer] if of_pool else []), label.evidence, label.data, label.problem]
            for label in labels
        ],
    )  # fmt: skip
    if job.labels > len(labels):
        terminal.say(f"The first {len(labels)} of {job.labels}; see more with --limit.")
    return 0


def wait_jobs(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Wait for jobs."""
    with call_gateway(arguments) as gateway:
        jobs = [gateway.job(job) for job in arguments.jobs]
        return wait_for(gateway, jobs, terminal, arguments.timeout)


def act_on_jobs(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Hold, release or cancel jobs."""
    jobs: list[Job] = []
    with call_gateway(arguments) as gateway:
        for job in arguments.jobs:
            jobs.append(gateway.act(job, arguments.action))
            terminal.say(sentence_of(jobs[-1]))
    terminal.answer([as_plain(job) for job in jobs])
    return 0


def reprint_job(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print labels of a job once more, as a new job."""
    details: dict[str, Any] = {"reason": arguments.reason}
    if arguments.labels:
        details["labels"] = arguments.labels
    with call_gateway(arguments) as gateway:
        job = gateway.act(arguments.job, "reprint", **details)
    terminal.answer(as_plain(job))
    terminal.say(f"{job.id}: {job.labels} of {arguments.job} printed anew, {job.state}")
    return 0


def answer_question(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show a printer's one question, or answer it."""
    if (arguments.last_printed is None) != (arguments.rest is None):
        raise argparse.ArgumentTypeError(
            "give --last-printed and --rest together, or neither to see the question"
        )
    with call_gateway(arguments) as gateway:
        if arguments.last_printed is None:
            return _show_question(gateway, arguments.printer, terminal)
        last = arguments.last_printed
        answered = gateway.call(
            "POST",
            f"/v1/printers/{arguments.printer}/answer",
            {
                "last_printed": None if last.lower() == "none" else label_id(last),
                "rest": arguments.rest,
            },
        )
    terminal.answer(answered)
    terminal.say(f"Settled. {arguments.printer} goes on.")
    return 0


def _show_question(gateway: Gateway, printer: str, terminal: Terminal) -> int:
    question = gateway.call("GET", f"/v1/printers/{printer}/question")
    terminal.answer(question)
    labels = (question or {}).get("labels") or []
    if not labels:
        terminal.say(f"There is nothing to answer for {printer}.")
        return 0
    terminal.say(str(question.get("question") or ""))
    terminal.say()
    terminal.table(
        ["label", "job", "number", "copy", "data", "why"],
        [
            [label.get("id"), label.get("job"), label.get("number"), label.get("copy"),
             label.get("data"), label.get("problem")]
            for label in labels
        ],
    )  # fmt: skip
    terminal.say()
    terminal.say(f"Last one on paper is {labels[0].get('id')}, and the rest is to be printed anew:")
    terminal.say(
        f"  label-gateway jobs answer {printer} --last-printed {labels[0].get('id')} --rest reprint"
    )
    terminal.say("None is on paper: --last-printed none. Give the rest up: --rest drop.")
    return 1
