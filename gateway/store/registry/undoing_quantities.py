"""Undo of a step that moved quantities: what it put somewhere must still be there to go back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from gateway.registry.lifecycle import TABLE
from gateway.registry.lives import Action
from gateway.registry.refusals import RegistryRefused
from gateway.store.constraints import RuleBroken
from gateway.store.engine import Transaction
from gateway.store.feed import tell
from gateway.store.registry.acting import count_on_lines, cross_reorder_points
from gateway.store.registry.events import By, Event, Movement, write_event
from gateway.store.registry.quantities import count_shelves, link_place, write_links
from gateway.store.registry.stock import Shelf, change_stock


def take_back(t: Transaction, undone: Event, movements: Sequence[Movement], by: By) -> int:
    """Move quantities back the way an event moved them; return the number of the new event.

    ``undone`` is the event of the undo: it names the one it corrects, and in its body the action.

    Raises:
        RegistryRefused: not all of it is where the event put it any more.
    """
    action = Action(str(undone.body["undoes"]))
    role = "done" if action is Action.TRANSFER else TABLE[action].link
    change: Counter[Shelf] = Counter()
    links: Counter[tuple[int, int, int, str]] = Counter()
    counts: dict[int, Counter[str]] = {}
    back: list[Movement] = []
    for moved in movements:
        lot, was = moved.lot or 0, json.loads(moved.was) if moved.was else {}
        count_shelves(change, moved, -1)
        line = undone.line if role != "committed" else was.get("line", undone.line)
        kept = role and role != "drop" and not (role == "committed" and moved.to_state != role)
        if kept and line is not None:
            links[line, lot, link_place(moved), role] -= moved.quantity
            counts.setdefault(line, Counter())[role] -= moved.quantity
        if "line" in was:
            links[was["line"], lot, moved.from_place or 0, was["role"]] += moved.quantity
            counts.setdefault(was["line"], Counter())[was["role"]] += moved.quantity
        # What had not been counted here before never came.
        back.append(Movement(
            None, moved.item, moved.lot, moved.quantity, moved.to_state,
            moved.from_state or "cancelled", moved.to_place, moved.from_place, None,
        ))  # fmt: skip
    seq = write_event(t, undone, back)
    try:
        change_stock(t, change)
        write_links(t, links)
    except (RuleBroken, RegistryRefused) as gone:
        raise RegistryRefused(
            "undo_not_latest",
            f"Not all that event {undone.corrects} moved is still there; undo what happened to it "
            "since first.",
            event=undone.corrects,
        ) from gone
    count_on_lines(t, counts)
    cross_reorder_points(t, change, by.actor)
    body = {"event": seq, "corrects": undone.corrects, "action": action.value,
            "quantity": sum(one.quantity for one in back)}  # fmt: skip
    tell(t, undone.at, "stock.undone", f"registry/events/{seq}", by.actor, body)
    return seq
