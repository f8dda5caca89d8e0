"""A station as its screen shows it: mode, context, counts, question, the last ten, buttons."""

from __future__ import annotations

from typing import Any

from gateway.codes.commands import write_command
from gateway.codes.scanned import read_code
from gateway.stations import commands
from gateway.stations.answers import Button
from gateway.stations.modes import MODES
from gateway.stations.sessions import Question, Recent, Session
from gateway.stations.station import Station
from gateway.stations.turn import Tools, Turn
from gateway.store import scans
from gateway.store.dialect import Reader

Json = dict[str, Any]


def view(reader: Reader, tools: Tools, station: Station, printer: str) -> Json:
    """Return a station as its screen shows it."""
    session = Session.at(station, scans.session_of(reader.execute, station.id))
    mode = MODES.get(session.mode) or MODES["lookup"]
    turn = Turn.looking(reader, tools, station, session, read_code(""))
    progress = mode.progress(turn)
    return {
        "station": {
            "name": station.name,
            "title": station.title,
            "location": turn.place_code("") or "",
            "printer": printer,
            "modes": [name for name in MODES if station.allows(name)],
            "sound": station.options.sound,
        },
        "revision": session.revision,
        "operator": {"badge": session.badge, "name": session.operator} if session.badge else None,
        "mode": {"name": mode.name, "title": mode.title, "asks": _asks(station, session, turn)},
        "context": [
            {"slot": slot, "kind": one.kind, "title": one.title, "detail": one.detail}
            for slot, one in session.context.items()
        ],
        "progress": None if progress is None else progress.shown(),
        "quantity": session.quantity,
        "question": None if session.question is None else _question(session.question),
        "last": session.last,
        "recent": [
            {
                "id": one.id, "at": one.at, "code": one.code, "outcome": one.outcome,
                "sentence": one.sentence, "undone": one.undone, "undo": _undo(one),
            }
            for one in session.recent
        ],
        "buttons": [button.shown() for button in _buttons(session)],
    }  # fmt: skip


def _asks(station: Station, session: Session, turn: Turn) -> str:
    if station.options.require_operator and not session.badge:
        return "Scan your badge."
    if session.question is not None:
        return session.question.sentence
    return MODES[session.mode].prompt(turn)


def _question(question: Question) -> Json:
    cards = [
        {**one.card, "choose": commands.choice(index, one)}
        for index, one in question.numbered() if one.card is not None
    ]  # fmt: skip
    return {
        "sentence": question.sentence,
        "cards": [*cards, *question.cards],
        "choices": [
            {"title": one.title, "code": commands.choice(index, one)}
            for index, one in question.numbered()
        ],
        "text": question.text,
        "secret": question.secret,
    }


def _undo(one: Recent) -> str:
    return write_command("UNDO", str(one.id)) if one.undoable else ""


def _buttons(session: Session) -> list[Button]:
    found = [Button("Done", write_command("DONE"))]
    if session.undoable() is not None:
        found.append(Button("Undo", write_command("UNDO"), "warn"))
    if session.question is not None or session.context or session.quantity is not None:
        found.append(Button("Cancel", write_command("CANCEL"), "stop"))
    if session.mode in ("lookup", "reprint", "receive", "build"):
        found.append(Button("Print label", write_command("PRINT")))
    if session.operator:
        found.append(Button("Sign out", write_command("OUT")))
    return found
