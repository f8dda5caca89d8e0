"""Explains what a code means, step by step, as a scan would find it; changes nothing."""

from __future__ import annotations

from functools import partial
from typing import Any

from gateway.codes.scanned import Reading
from gateway.registry.public_ids import PublicIds
from gateway.registry.refusals import RegistryRefused
from gateway.stations.cards import say_state
from gateway.stations.choosing import pick
from gateway.stations.engine import NOWHERE, Stations
from gateway.stations.heard import FAULTS
from gateway.stations.meaning import Found, Looked, find
from gateway.stations.modes import MODES
from gateway.stations.sessions import Session
from gateway.stations.station import Station
from gateway.stations.turn import Asked, Turn
from gateway.store import scans
from gateway.store.dialect import Reader
from gateway.store.registry.advising import similar

Json = dict[str, Any]


def explain(
    reader: Reader, stations: Stations, station: Station | None, code: str, aim: str,
    *, identifiers: bool = False,
) -> Json:  # fmt: skip
    """Return how a code is read, each step of the search, and what a station would take it for."""
    run, reading = reader.execute, stations.read(code, aim, identifiers=identifiers)
    shown = partial(_shown, stations.tools.registry.public_ids)
    if reading.fault or not reading.text:
        said = FAULTS[reading.fault or "empty"]
        return shown(reading, [Looked("clean", said)], [], "refused", said, [])
    if reading.refusal:
        steps = [Looked("command", reading.refusal)]
        return shown(reading, steps, [], "refused", reading.refusal, [])
    if reading.command is not None:
        command = reading.command
        said = f"It is the command {command.verb} {command.arg}".rstrip() + "."
        return shown(reading, [Looked("command", said)], [], "done", said, [])
    meaning = find(run, stations.tools.registry.public_ids, reading)
    steps, found = list(meaning.steps), list(meaning.found)
    session = Session.at(station, scans.session_of(run, station.id)) if station else Session()
    if not found:
        near = similar(run, reading.text) if reading.form == "plain" else []
        says = meaning.trouble or f"Nothing here is called {reading.text[:60]}."
        return shown(reading, steps, found, "refused", says, near)
    if all(one.kind == "operator" for one in found):
        says = f"A station takes it for the badge of {found[0].name}, and signs them in."
        return shown(reading, steps, found, "done", says, [])
    turn = Turn.looking(reader, stations.tools, station or NOWHERE, session, reading)
    mode = MODES[session.mode]
    try:
        chosen = pick(turn, mode, found)
    except Asked:
        says = f"{len(found)} things are called so; the station asks which."
        steps.append(Looked("choose", says))
        return shown(reading, steps, found, "asked", says, [])
    except RegistryRefused as refused:
        steps.append(Looked("choose", refused.detail))
        return shown(reading, steps, found, "refused", refused.detail, [])
    says = f"In the mode {mode.title!r} it is taken for the {chosen.said}."
    steps.append(Looked("choose", says, [chosen]))
    return shown(reading, steps, found, "done", says, [])


def _shown(
    names: PublicIds, reading: Reading, steps: list[Looked], found: list[Found], outcome: str,
    sentence: str, near: list[str],
) -> Json:  # fmt: skip
    return {
        "reading": reading.shown(),
        "steps": [
            {"step": one.step, "says": one.says, "found": [_one(names, f) for f in one.found]}
            for one in steps
        ],
        "candidates": [_one(names, one) for one in found],
        "outcome": outcome,
        "sentence": sentence,
        "similar": near,
    }  # fmt: skip


def _one(names: PublicIds, found: Found) -> Json:
    life = found.life
    return {
        "kind": found.kind, "name": found.name, "by": found.by, "item": found.sku,
        "id": names.write(found.kind, found.number) if found.kind in ("serial", "lot") else None,
        "state": None if life is None else say_state(life.state),
        "location": None if life is None else life.place_code,
    }  # fmt: skip
