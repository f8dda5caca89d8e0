"""The page of the serial registry: its lifecycle drawn from the table, its rows from the tests.

TABLE, CAUSES, SETTINGS, tests ──registry──► docs/registry.md
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable

from docs.registry_rows import registry_rows
from gateway.registry.lifecycle import TABLE, Rule, moves
from gateway.registry.lives import CUSTODY, ON_HAND, Action, State
from gateway.store.registry.rules import SETTINGS

MEANS = {
    State.PLANNED: "announced, on an order",
    State.RECEIVED: "in stock",
    State.COMMITTED: "in stock, promised to an order",
    State.PICKED: "taken from the shelf for an order",
    State.IN_TRANSIT: "between two of our places",
    State.RETURNED: "back from a customer, to be looked at",
    State.REJECTED: "found bad",
    State.SHIPPED: "with a customer",
    State.CONSUMED: "inside an assembly",
    State.WRITTEN_OFF: "lost or broken",
    State.SENT_BACK: "back with its supplier",
    State.CANCELLED: "announced, and never came",
    State.UNTRACKED: "in stock without its serial: the item has none any more",
}


def diagram() -> str:
    """Return the lifecycle as a Mermaid state diagram: one arrow for each way, with its actions."""
    ways: dict[tuple[str, str], list[str]] = {}
    for action, source, to in moves():
        if source is to:
            continue
        ways.setdefault(("[*]" if source is None else source.value, to.value), []).append(
            action.value
        )
    arrows = [f"    {a} --> {b}: {', '.join(actions)}" for (a, b), actions in ways.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *arrows, "```"])


def _states() -> Iterable[str]:
    yield "| state | meaning | here: unique for its item | on hand |"
    yield "|---|---|---|---|"
    for state in State:
        here = "yes" if state in CUSTODY else ""
        on_hand = "yes" if state in ON_HAND else ""
        yield f"| `{state.value}` | {MEANS[state]} | {here} | {on_hand} |"


def _actions() -> Iterable[str]:
    yield "| action | from | to | what it does | asks for | EPCIS step, disposition |"
    yield "|---|---|---|---|---|---|"
    for action in Action:
        rule = TABLE[action]
        sources = ", ".join("(new)" if s is None else s.value for s in rule.sources)
        if len(rule.sources) == len(State):
            sources = "any"
        to = "the same" if rule.to is None else rule.to.value
        if rule.otherwise is not None:
            to += f", or {rule.otherwise.value} when its order is closed"
        guards = ", ".join(guard.__name__ for guard in rule.guards).replace("_", " ")
        yield f"| `{action.value}` | {sources} | {to} | {rule.says} | {guards} | {_step(rule)} |"


def _step(rule: Rule) -> str:
    return "–" if rule.step is None else f"{rule.step}, {rule.disposition or 'as it was'}"


def _settings() -> Iterable[str]:
    yield "| setting | unless set | meaning |"
    yield "|---|---|---|"
    for name, (standard, check) in SETTINGS.items():
        says = " ".join((inspect.getdoc(check) or "").split()).replace("``", "`")
        value = ", ".join(standard) if isinstance(standard, list) else str(standard).lower()
        yield f"| `{name}` | {value} | {says} |"


def registry(generated: str) -> str:
    """Return docs/registry.md."""
    parts = {
        "states": "\n".join(_states()),
        "diagram": diagram(),
        "actions": "\n".join(_actions()),
        "settings": "\n".join(_settings()),
        "rows": registry_rows(),
    }
    return f"""# The serial registry

{generated}
What a scanned serial *is*: of which item, where, whose, and what may be done with it. It stands in
the same database as the labels, so a label and its serial move in one transaction.

A serial is unique among the pieces of its item that are here, whatever they are doing. When a piece
has left for good its serial may come again: that is a new *life*, a row of its own, and the earlier
one keeps its history. Nothing sets a state: states follow from actions, an action is a row of the
table below, and the database itself refuses a state that no event leads to.

## States

{parts["states"]}

A **hold** (recall, inspection) lies beside the state: a held serial is not promised, picked,
shipped or built in. A serial whose label may or may not be on paper is held until somebody says.

## The lifecycle

{parts["diagram"]}

## Actions

{parts["actions"]}

`undo` takes the last event of some serials back, whole, and step by step the ones before it; the
event stays, and a new one says that it did not happen. Every refusal names each offending serial
with its own cause, and nothing of the request is applied: see [the problems](problems/).

## Events

What happens is written as an event over one or many serials, with who, where, why and for which
document. Each event's hash covers its movements and the event before it;
`label-gateway registry verify` derives every state and counter from the movements again and names
the first row that disagrees.

## Settings

{parts["settings"]}

## What five systems do, and what proves it here

{parts["rows"]}"""
