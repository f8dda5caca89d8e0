"""What command barcodes do at a station: one row for each verb of ``gateway.codes.commands``.

>>> choice(2, None)
'GWC-CHOOSE-2-4'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.codes.commands import Command, write_command
from gateway.codes.scanned import read_code
from gateway.registry.refusals import RegistryRefused
from gateway.scanners.outcomes import Outcome
from gateway.stations.answers import Answer
from gateway.stations.meaning import find
from gateway.stations.modes import MODES
from gateway.stations.sessions import Choice, Question, Recent
from gateway.stations.turn import Turn
from gateway.store.registry.choosing import unchoose
from gateway.store.registry.documents import document_by_id, lines_of

MOST_QUANTITY = 1_000_000

UNKNOWN = "unknown"
"""Key of a session's notes: the last code that nothing has."""


def choice(index: int, one: Choice | None) -> str:
    """Return the command that picks the choice of that number, from 1 on."""
    if one is not None and one.yes is not None:
        return write_command("YES" if one.yes else "NO")
    return write_command("CHOOSE", str(index))


def answer_of(command: Command, question: Question) -> str | None:
    """Return what a command answers to a question; None when it answers nothing of it."""
    if command.verb == "CHOOSE":
        index = int(command.arg) - 1
        return question.choices[index].value if 0 <= index < len(question.choices) else None
    wanted = command.verb == "YES"
    return next((one.value for one in question.choices if one.yes is wanted), None)


# ---------------------------------------------------------------------- the verbs


def _mode(turn: Turn, command: Command) -> Answer:
    name = command.arg.lower()
    mode = MODES.get(name)
    if mode is None or not turn.station.allows(name):
        raise RegistryRefused(
            "code_unexpected", f"{command.arg.capitalize()!r} cannot be done at this station; "
            "whoever set it up can allow it.", kind="mode",
        )  # fmt: skip
    left = MODES[turn.session.mode].leave(turn)
    turn.session.begin(name)
    answer = Answer(Outcome.DONE, f"{mode.title}. {mode.prompt(turn)}")
    return answer.but(Outcome.LOOK, left) if left else answer


def _done(turn: Turn, command: Command) -> Answer:
    return MODES[turn.session.mode].done(turn)


def _cancel(turn: Turn, command: Command) -> Answer:
    return cancel(turn)


def cancel(turn: Turn) -> Answer:
    """Drop what was begun last: the question, the quantity, else the context."""
    session = turn.session
    mode = MODES[session.mode]
    if session.question is not None:
        session.question = None
        return Answer(Outcome.DONE, f"Not answered, and nothing was done. {mode.prompt(turn)}")
    if session.quantity is not None:
        session.quantity = None
        return Answer(Outcome.DONE, f"No quantity. {mode.prompt(turn)}")
    left = mode.leave(turn)
    session.begin(session.mode)
    answer = Answer(Outcome.DONE, f"Begun anew. {mode.prompt(turn)}")
    return answer.but(Outcome.LOOK, left) if left else answer


def _quantity(turn: Turn, command: Command) -> Answer:
    count = int(command.arg)
    if not 1 <= count <= MOST_QUANTITY:
        raise RegistryRefused(
            "value_wrong", f"A quantity must be from 1 to {MOST_QUANTITY:,}, got {count}.",
            key="quantity",
        )  # fmt: skip
    turn.session.quantity = count
    return Answer(Outcome.DONE, f"{count} of the next item that is scanned.")


def _print(turn: Turn, command: Command) -> Answer:
    last = turn.session.last or {}
    found = str(last.get("subject", ""))
    names = turn.registry.public_ids
    known = names.read(found.partition("/")[2]) if found.startswith("serials/") else None
    if known is None or known[0] != "serial":
        raise RegistryRefused("serials_missing", "Scan a serial first; then its label prints.")
    card = turn.cards.serial(known[1])
    sentence = turn.print([known[1]])
    outcome = Outcome.DONE if turn.jobs else Outcome.REFUSED
    return Answer(
        outcome, f"{card.title}: {sentence}", "" if turn.jobs else "label_not_printed",
        cards=(card,), subject=found, job=turn.jobs[-1] if turn.jobs else None,
    )  # fmt: skip


def _undo(turn: Turn, command: Command) -> Answer:
    session = turn.session
    if command.arg:
        one = next((one for one in session.recent if one.id == int(command.arg)), None)
        if one is None or not one.undoable:
            raise RegistryRefused(
                "undo_impossible", "That scan is not one of the last ten that can be taken back."
            )
    else:
        one = session.undoable()
        if one is None:
            raise RegistryRefused("undo_impossible", "There is nothing to take back.")
    for event in reversed(one.events):
        turn.registry.undo(turn.t, event, turn.by, turn.may, "taken back at the station")
    _unchoose(turn, one)
    session.ticked = [life for life in session.ticked if life not in one.ticks]
    MODES[one.mode].undone(turn, one.notes)
    for key, count in one.counted:
        session.notes[key] = session.notes.get(key, 0) - count
    if one.mode == session.mode:
        session.scanned = max(0, session.scanned - one.pieces)
    one.undone = True
    sentence = one.sentence
    if one.labels:
        out = "Throw its label away." if one.labels == 1 else f"Throw its {one.labels} labels away."
        sentence = sentence.replace(one.about_labels, out)
    return Answer(Outcome.DONE, f"Taken back: {sentence}")


def _unchoose(turn: Turn, one: Recent) -> None:
    for document, line, life in reversed(one.chosen):
        row = document_by_id(turn.run, document)
        of = next(found for found in lines_of(turn.run, document) if found.id == line)
        unchoose(turn.doing(), row, of, [life])


def _assign(turn: Turn, command: Command) -> Answer:
    turn.must("registry:item")
    code = turn.session.notes.get(UNKNOWN)
    if not isinstance(code, str):
        raise RegistryRefused("code_unknown", "Scan the barcode first that nothing here has.")
    text = turn.ask("assign", f"Scan the item that {code[:60]} is a barcode of.", [], text=True)
    found = find(turn.run, turn.registry.public_ids, read_code(text)).found
    items = [one.name for one in found if one.kind == "item"]
    if len(items) != 1:
        raise RegistryRefused("item_unknown", f"{text[:60]} is not one item.", item=text[:60])
    item = turn.registry.items.get(items[0], turn.run)
    barcodes = [*item.barcodes, code]
    turn.registry.items.save(turn.t, {"barcodes": barcodes}, turn.by.actor, sku=item.sku)
    del turn.session.notes[UNKNOWN]
    return Answer(
        Outcome.DONE, f"{code[:60]} is a barcode of {item.sku} from now on.",
        cards=(turn.cards.item(item.id),),
    )  # fmt: skip


DO: Mapping[str, Callable[[Turn, Command], Answer]] = {
    "MODE": _mode,
    "DONE": _done,
    "UNDO": _undo,
    "CANCEL": _cancel,
    "QTY": _quantity,
    "PRINT": _print,
    "ASSIGN": _assign,
}
"""Verb -> what it does. The engine has those that answer, sign out or move a scanner."""
