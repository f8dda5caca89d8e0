"""The lifecycle's table, held against one written down apart from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.registry.lifecycle import TABLE, allowed, decide, decide_all, moves
from gateway.registry.lives import (
    CUSTODY,
    ENDED,
    Action,
    Ask,
    ItemRules,
    Life,
    Line,
    Place,
    Rules,
    State,
    Subject,
)
from gateway.registry.refusals import CAUSES, Offence

# What the study of five systems came to: from which states each action goes, and where to.
EXPECTED = """
plan            new                                                        planned
cancel_plan     planned                                                    cancelled
receive         new planned                                                received
produce         new planned                                                received
adjust_in       new                                                        received
opening         new                                                        received
commit          received                                                   committed
release         committed                                                  received
pick            received committed                                         picked
unpick          picked                                                     committed
ship            picked committed received                                  shipped
drop_ship       new planned                                                shipped
return          shipped                                                    returned
return_to_stock shipped                                                    received
accept          returned rejected                                          received
reject          received returned                                          rejected
send_back       received rejected returned                                 sent_back
write_off       received returned rejected in_transit                      written_off
reinstate       written_off                                                received
transfer        received committed picked returned rejected                =
dispatch        received                                                   in_transit
arrive          in_transit                                                 received
consume         received committed picked                                  consumed
unbuild         consumed                                                   received
untrack         received returned rejected                                 untracked
count           received committed picked in_transit returned rejected     =
hold            committed picked rejected in_transit returned received     =
unhold          committed picked rejected in_transit returned received     =
rename          planned committed in_transit picked received rejected returned =
annotate        *                                                          =
print_label     *                                                          =
"""

ITEM = ItemRules(1, "DRILL", warranty_in=12, warranty_out=24, service_every=6)
SHELF, RACK, QUARANTINE = (
    Place(1, "A-01", "bin"),
    Place(2, "B-01", "bin"),
    Place(3, "Q", "quarantine"),
)
LINE = Line(7, 5, "sales_order", "SO-17", "in_progress", 1, room=9, party=2)
AT = 1_706_659_200_000_000  # 31 January 2024


def expected() -> dict[tuple[State | None, Action], State | None]:
    table: dict[tuple[State | None, Action], State | None] = {}
    for row in EXPECTED.split("\n")[1:-1]:
        action, *sources, to = row.split()
        for source in list(State) if sources == ["*"] else sources:
            state = None if source == "new" else State(source)
            table[state, Action(action)] = state if to == "=" else State(to)
    return table


def life(state: State | None, **more: object) -> Life:
    reserved = state in (State.COMMITTED, State.PICKED)
    standard = Life(
        0 if state is None else 11, 1, "A1", "a1", 1, state, place=1, place_code="A-01",
        line=7 if reserved else None, role=str(state) if reserved else None,
        document="sales_order SO-17" if reserved else None,
        customer=2 if state is State.SHIPPED else None,
    )  # fmt: skip
    return standard._replace(**more)  # type: ignore[arg-type]


def ask(action: Action, **more: object) -> Ask:
    """A request with everything any action can need."""
    bad = action in (Action.RETURN, Action.REJECT)
    given = Ask(
        action, AT, {1: ITEM}, QUARANTINE if bad else RACK, LINE, None, 2, None, None, "why",
        rename_to=("A2", "a2"),
    )  # fmt: skip
    return replace(given, **more)  # type: ignore[arg-type]


def subject_for(state: State | None, action: Action) -> Subject:
    held = "recall" if action is Action.UNHOLD else None
    return Subject("A1", life(state, held=held))


@pytest.mark.seed("M12")
@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("state", [None, *State], ids=str)
def test_every_pair_moves_as_the_study_says_or_is_refused_with_its_code(
    state: State | None, action: Action
) -> None:
    table = expected()
    request = ask(action)
    subject = subject_for(state, action)
    if action is Action.TRANSFER and state in (State.RETURNED, State.REJECTED):
        request = ask(action, place=QUARANTINE)
    decided = decide(subject, request)
    if (state, action) in table:
        assert isinstance(decided, Life), decided
        assert decided.state is table[state, action]
    else:
        assert isinstance(decided, Offence)
        assert decided.code in CAUSES
        assert decided.detail.endswith(".")


def test_the_tables_agree_in_every_row() -> None:
    assert {(s, a) for a, rule in TABLE.items() for s in rule.sources} == set(expected())
    assert set(TABLE) == set(Action)
    assert set(allowed(None)) == {
        Action.PLAN, Action.RECEIVE, Action.PRODUCE, Action.ADJUST_IN, Action.OPENING,
        Action.DROP_SHIP,
    }  # fmt: skip


def test_every_state_is_reached_and_custody_can_always_be_left() -> None:
    reached: set[State | None] = {None}
    while True:
        more = {to for _, source, to in moves() if source in reached} - reached
        if not more:
            break
        reached |= more
    assert reached == {None, *State}
    for state in CUSTODY:
        ways = {state}
        while more := {to for _, source, to in moves() if source in ways and to is not None} - ways:
            ways |= more
        assert ways & ENDED, state


def test_whatever_begins_a_life_in_custody_looks_for_another_one_there() -> None:
    entries = {a for a, source, to in moves() if source not in CUSTODY and to in CUSTODY}
    twin = life(State.RECEIVED, id=99, place_code="A-01")
    for action in entries - {Action.ARRIVE}:
        source = TABLE[action].sources[0]
        subject = replace(subject_for(source, action), others=[twin])
        decided = decide(subject, ask(action))
        assert isinstance(decided, Offence), action
        assert decided.code == "serial_on_hand"
        assert decided.detail == "Serial A1 of DRILL is on hand at A-01."


# ---------------------------------------------------------------------- each guard says why


def refused(state: State | None, action: Action, *, life_has: dict[str, object] | None = None,
            others: tuple[Life, ...] = (), **asks: object) -> tuple[str, str]:  # fmt: skip
    subject = Subject("A1", life(state, **(life_has or {})), others)
    decided = decide(subject, ask(action, **asks))
    assert isinstance(decided, Offence), decided
    return decided.code, decided.detail


@pytest.mark.parametrize(
    ("state", "action", "options", "code", "detail"),
    [
        (None, Action.RECEIVE, {"items": {1: ItemRules(1, "SCREW", "none")}},
         "item_not_serialised", "Item SCREW has no serials (its tracking is 'none')."),
        (None, Action.RECEIVE, {"items": {1: ItemRules(1, "OLD", active=False)}},
         "item_inactive", "Item OLD is not active."),
        (None, Action.RECEIVE, {"place": None}, "location_required",
         "Say where serial A1 is put: give a location."),
        (None, Action.RECEIVE, {"place": Place(9, "X", "bin", active=False)},
         "location_inactive", "Location X is not active."),
        (None, Action.RECEIVE, {"place": QUARANTINE}, "location_wrong_kind",
         "Location Q is of kind quarantine; a serial that is received goes to bin, site, staging, "
         "zone."),
        (None, Action.RECEIVE, {"place": Place(9, "HALL", "zone", parted=True),
                                "rules": Rules(innermost=True)},
         "location_wrong_kind", "Location HALL has others inside; say in which of them A1 lies."),
        (None, Action.RECEIVE, {"manifest": frozenset({"b2"}), "rules": Rules(verify="strict")},
         "serial_not_on_manifest", "Serial A1 was not announced on SO-17."),
        (None, Action.ADJUST_IN, {"reason": ""}, "reason_required",
         "Say why: 'adjust in' needs a reason."),
        (None, Action.PLAN, {"others": (life(State.PLANNED, document="purchase_order PO-1"),)},
         "serial_planned_elsewhere", "Serial A1 is planned on purchase_order PO-1."),
        (None, Action.RECEIVE, {"others": (life(State.PICKED, place_code="B-01"),)},
         "serial_in_custody", "Serial A1 of DRILL is picked at B-01."),
        (State.PLANNED, Action.RECEIVE, {"others": (life(State.RECEIVED),)}, "serial_on_hand",
         "Serial A1 of DRILL is on hand at A-01."),
        (State.RECEIVED, Action.COMMIT, {"line": None}, "line_unknown",
         "Say for which line of a document: commit needs one."),
        (State.RECEIVED, Action.COMMIT, {"line": replace(LINE, status="done")}, "document_done",
         "SO-17 is done."),
        (State.RECEIVED, Action.COMMIT, {"line": replace(LINE, item=2)}, "line_item_mismatch",
         "Serial A1 is of item DRILL, and the line of SO-17 is for another."),
        (State.RECEIVED, Action.COMMIT, {"life_has": {"held": "recall"}}, "serial_held",
         "Serial A1 is held: recall."),
        (State.RECEIVED, Action.SHIP, {"life_has": {"label_state": "uncertain"}}, "serial_held",
         "Serial A1 is held: nobody has said yet whether its label was printed."),
        (State.COMMITTED, Action.PICK, {"life_has": {"line": 8, "document": "sales_order SO-18"}},
         "serial_committed_elsewhere", "Serial A1 is committed for sales_order SO-18."),
        (State.COMMITTED, Action.COMMIT, {}, "serial_already_on_line",
         "Serial A1 is on this line of SO-17 already."),
        (State.COMMITTED, Action.COMMIT, {"line": replace(LINE, id=8)},
         "serial_committed_elsewhere", "Serial A1 is committed for sales_order SO-17."),
        (State.RECEIVED, Action.SHIP, {"rules": Rules(require_pick=True)}, "serials_missing",
         "Serial A1 has not been picked yet."),
        (State.RECEIVED, Action.SHIP, {"party": None, "line": replace(LINE, party=None)},
         "customer_required", "Say to whom serial A1 goes."),
        (State.SHIPPED, Action.SHIP, {"life_has": {"customer_name": "Smith"}},
         "serial_not_in_custody", "Serial A1 is not here: it was shipped to Smith."),
        (State.SHIPPED, Action.RETURN, {"rules": Rules(features=frozenset())},
         "feature_disabled", "Return needs the feature rma, which is off."),
        (State.SHIPPED, Action.RETURN, {"party": 3, "life_has": {"customer_name": "Smith"}},
         "serial_not_sold_to_customer", "Serial A1 was shipped to Smith."),
        (State.RECEIVED, Action.WRITE_OFF, {"may": lambda right: right != "registry:write_off"},
         "permission_denied", "Write off needs the right 'registry:write_off'."),
        (State.RECEIVED, Action.TRANSFER, {"place": SHELF}, "location_same",
         "Serial A1 is at A-01 already."),
        (State.RECEIVED, Action.UNHOLD, {}, "transition_not_allowed", "Serial A1 is not held."),
        (State.RECEIVED, Action.SEND_BACK, {"party": None, "line": None}, "supplier_required",
         "Say to whom serial A1 goes back."),
        (State.RECEIVED, Action.CONSUME, {"line": replace(LINE, status="open")},
         "document_not_editable", "SO-17 is open; start it first."),
        (State.CONSUMED, Action.UNBUILD,
         {"parent": life(State.SHIPPED, id=20, serial="P1", place=None)}, "serial_not_in_custody",
         "The assembly P1 that A1 went into is shipped."),
        (State.RECEIVED, Action.RENAME, {"rename_to": ("A1", "a1")}, "transition_not_allowed",
         "Serial A1 is called that already."),
        (None, Action.SHIP, {}, "serial_unknown", "There is no serial A1 of DRILL to ship."),
        (State.REJECTED, Action.COMMIT, {}, "transition_not_allowed",
         "Serial A1 is rejected; it cannot commit."),
    ],
)  # fmt: skip
def test_a_guard_says_why(
    state: State | None, action: Action, options: dict[str, object], code: str, detail: str
) -> None:
    assert refused(state, action, **options) == (code, detail)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reuse", "last", "confirmed", "code"),
    [
        ("allow", State.SHIPPED, False, None),
        ("ask", State.SHIPPED, False, "serial_reused"),
        ("ask", State.SHIPPED, True, None),
        ("ask", State.WRITTEN_OFF, False, None),
        ("forbid", State.WRITTEN_OFF, True, "serial_reuse_forbidden"),
        ("forbid", State.CANCELLED, False, None),
        ("forbid", State.UNTRACKED, False, None),
    ],
)
@pytest.mark.seed("T6")
def test_a_serial_that_has_left_comes_again_as_the_setting_says(
    reuse: str, last: State, confirmed: bool, code: str | None
) -> None:
    subject = Subject("A1", life(None, number=2), (life(last),))
    request = ask(Action.RECEIVE, rules=Rules(reuse=reuse), confirmed=confirmed)  # type: ignore[arg-type]
    decided = decide(subject, request)
    assert (decided.code if isinstance(decided, Offence) else None) == code


# ---------------------------------------------------------------------- what each step changes


def after(state: State | None, action: Action, **asks: object) -> Life:
    decided = decide(subject_for(state, action), ask(action, **asks))
    assert isinstance(decided, Life), decided
    return decided


@pytest.mark.seed("A3")
def test_warranties_run_from_the_day_of_receipt_and_of_shipment() -> None:
    received = after(None, Action.RECEIVE, cost=500, currency="EUR")
    assert (received.warranty_in, received.warranty_out, received.service_due) == (
        "2025-01-31", None, "2024-07-31",
    )  # fmt: skip
    assert (received.cost, received.currency, received.supplier, received.place) == (
        500, "EUR", 2, 2,
    )  # fmt: skip
    shipped = after(State.PICKED, Action.SHIP, price=900, price_currency="EUR")
    assert (shipped.warranty_out, shipped.customer, shipped.price, shipped.place) == (
        "2026-01-31", 2, 900, None,
    )  # fmt: skip


def test_what_is_put_back_stays_reserved_while_its_order_is_open() -> None:
    assert after(State.PICKED, Action.UNPICK).state is State.COMMITTED
    closed = replace(LINE, status="cancelled")
    assert after(State.PICKED, Action.UNPICK, line=closed).state is State.RECEIVED


def test_a_hold_lies_beside_the_state() -> None:
    held = after(State.COMMITTED, Action.HOLD)
    assert (held.state, held.held) == (State.COMMITTED, "why")
    decided = decide(Subject("A1", held), ask(Action.UNHOLD))
    assert isinstance(decided, Life)
    assert (decided.state, decided.held) == (State.COMMITTED, None)


def test_a_recalled_piece_goes_back_to_its_supplier_and_nowhere_else() -> None:
    recalled = Subject("A1", life(State.RECEIVED, held="recall"))
    assert isinstance(decide(recalled, ask(Action.SEND_BACK)), Life)
    assert isinstance(decide(recalled, ask(Action.SHIP)), Offence)


@pytest.mark.parametrize("action", Action)
def test_many_are_decided_as_each_of_them_is_alone(action: Action) -> None:
    states = [None, *State]
    subjects = [
        Subject(
            f"S{n}",
            life(
                states[n % len(states)], id=n, serial=f"S{n}", key=f"s{n}", event=n % 3,
                version=n % 5, held="recall" if n % 7 == 3 else None, place=1 + n % 2,
                customer=(None, 2, 3)[n % 3], cost=n % 2, line=(None, 7, 8)[n % 3],
            ),
            (life(State.RECEIVED, id=999),) if n % 11 == 5 else (),
            attrs=None if n % 2 else '{"a": 1}',
            memo=None if n % 2 else "memo",
            cost=None if n % 2 else 7,
            place=RACK if n % 5 == 1 else None,
        )
        for n in range(1_000)
    ]  # fmt: skip
    for asked in (
        ask(action), ask(action, rename_to=None),
        ask(action, rename_to=None, place=RACK, line=None),
        ask(action, rename_to=None, parent=life(State.RECEIVED, id=77)),
        ask(action, rename_to=None, manifest=frozenset({"s14"}), rules=Rules(verify="strict")),
    ):  # fmt: skip
        if action is Action.RENAME and asked.rename_to is None:
            continue
        one_by_one = [decide(subject, asked) for subject in subjects]
        after, offences = decide_all(subjects, asked)
        assert after == [one for one in one_by_one if isinstance(one, Life)]
        assert offences == [one for one in one_by_one if isinstance(one, Offence)]
