"""Why an action on a serial may not be: each guard looks at one thing, and says it in a sentence.

    Subject, Ask ──guard──► None, or an Offence with its code

``lifecycle.TABLE`` says which guards an action has, and in which order they speak.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.registry.lives import ENDED, ON_HAND, Action, Ask, Life, State, Subject, party_of
from gateway.registry.refusals import Offence

Guard = Callable[[Subject, Ask], Offence | None]


def refuse(subject: Subject, code: str, detail: str, **facts: object) -> Offence:
    return Offence(subject.asked, code, detail, facts)


def _where(life: Life) -> str:
    return f" at {life.place_code}" if life.place_code else ""


def item_is_serialised(s: Subject, ask: Ask) -> Offence | None:
    item = ask.items[s.life.item]
    if item.tracking == "serial":
        return None
    return refuse(
        s, "item_not_serialised",
        f"Item {item.sku} has no serials (its tracking is {item.tracking!r}).",
        item=item.sku, tracking=item.tracking,
    )  # fmt: skip


def item_active(s: Subject, ask: Ask) -> Offence | None:
    item = ask.items[s.life.item]
    if item.active:
        return None
    return refuse(s, "item_inactive", f"Item {item.sku} is not active.", item=item.sku)


def not_in_custody(s: Subject, ask: Ask) -> Offence | None:
    for other in s.others:
        if other.in_custody:
            return here_already(s, other, ask)
    return None


def here_already(s: Subject, other: Life, ask: Ask) -> Offence:
    on_hand = other.state in ON_HAND
    serial, item = s.life.serial, ask.items[s.life.item].sku
    return refuse(
        s, "serial_on_hand" if on_hand else "serial_in_custody",
        f"Serial {serial} of {item} is "
        f"{'on hand' if on_hand else str(other.state).replace('_', ' ')}{_where(other)}.",
        serial=serial, item=item, state=other.state, location=other.place_code, life=other.number,
    )  # fmt: skip


def no_planned_twin(s: Subject, ask: Ask) -> Offence | None:
    for other in s.others:
        if other.state is State.PLANNED:
            return refuse(
                s, "serial_planned_elsewhere",
                f"Serial {s.life.serial} is planned on {other.document or 'another document'}.",
                serial=s.life.serial, document=other.document, life=other.number,
            )  # fmt: skip
    return None


REUSE_ASKS = frozenset({State.SHIPPED, State.CONSUMED})
"""A life that ended so may come back as itself, so a second one is worth a word."""


def reuse_allowed(s: Subject, ask: Ask) -> Offence | None:
    if s.life.state is not None or not s.others:
        return None
    last = s.others[-1]
    if last.state not in ENDED or last.state in (State.CANCELLED, State.UNTRACKED):
        return None
    who = f" to {last.customer_name}" if last.customer_name else ""
    said = f"Serial {s.life.serial} was {str(last.state).replace('_', ' ')}{who} before"
    facts = {"serial": s.life.serial, "state": last.state, "life": last.number,
             "customer": last.customer_name}  # fmt: skip
    if ask.rules.reuse == "forbid":
        return refuse(
            s, "serial_reuse_forbidden", f"{said}; a second life is not allowed.", **facts
        )
    if ask.rules.reuse == "ask" and not ask.confirmed and last.state in REUSE_ASKS:
        back = "unbuild" if last.state is State.CONSUMED else "return"
        return refuse(
            s, "serial_reused", f"{said}; confirm a new life, or use {back!r}.",
            **facts, offers=[back, "new_life"],
        )  # fmt: skip
    return None


def expected_on_manifest(s: Subject, ask: Ask) -> Offence | None:
    if ask.manifest is None or ask.rules.verify != "strict" or s.life.key in ask.manifest:
        return None
    number = ask.line.number if ask.line else "the order"
    return refuse(
        s, "serial_not_on_manifest", f"Serial {s.life.serial} was not announced on {number}.",
        serial=s.life.serial, document=number,
    )  # fmt: skip


def location_given(s: Subject, ask: Ask) -> Offence | None:
    if (s.place or ask.place) is not None:
        return None
    return refuse(
        s, "location_required", f"Say where serial {s.life.serial} is put: give a location."
    )


def location_active(s: Subject, ask: Ask) -> Offence | None:
    place = s.place or ask.place
    if place is None or place.active:
        return None
    return refuse(
        s, "location_inactive", f"Location {place.code} is not active.", location=place.code
    )


GOOD_PLACES = frozenset({"site", "zone", "bin", "staging"})
BAD_PLACES = frozenset({"site", "zone", "bin", "staging", "quarantine"})


def _fits(s: Subject, ask: Ask, state: State | None) -> Offence | None:
    place = s.place or ask.place
    if place is None:
        return None
    if place.parted and ask.rules.innermost and "bins" in ask.rules.features:
        return refuse(
            s, "location_wrong_kind",
            f"Location {place.code} has others inside; say in which of them {s.life.serial} lies.",
            location=place.code, expected=["bin"],
        )  # fmt: skip
    fits = BAD_PLACES if state in (State.RETURNED, State.REJECTED) else GOOD_PLACES
    if place.kind in fits:
        return None
    return refuse(
        s, "location_wrong_kind",
        f"Location {place.code} is of kind {place.kind}; a serial that is {state} goes to "
        f"{', '.join(sorted(fits))}.",
        location=place.code, kind=place.kind, expected=sorted(fits),
    )  # fmt: skip


def location_for_stock(s: Subject, ask: Ask) -> Offence | None:
    return _fits(s, ask, State.RECEIVED)


def location_for_returns(s: Subject, ask: Ask) -> Offence | None:
    return _fits(s, ask, State.RETURNED)


def location_for_rejects(s: Subject, ask: Ask) -> Offence | None:
    return _fits(s, ask, State.REJECTED)


def location_fits(s: Subject, ask: Ask) -> Offence | None:
    return _fits(s, ask, s.life.state)


def location_differs(s: Subject, ask: Ask) -> Offence | None:
    place = s.place or ask.place
    if place is None or place.id != s.life.place:
        return None
    return refuse(
        s, "location_same", f"Serial {s.life.serial} is at {place.code} already.",
        serial=s.life.serial, location=place.code,
    )  # fmt: skip


def reason_given(s: Subject, ask: Ask) -> Offence | None:
    if ask.reason:
        return None
    name = ask.action.value.replace("_", " ")
    return refuse(s, "reason_required", f"Say why: {name!r} needs a reason.")


def not_held(s: Subject, ask: Ask) -> Offence | None:
    if s.life.label_state == "uncertain":
        return refuse(
            s, "serial_held",
            f"Serial {s.life.serial} is held: nobody has said yet whether its label was printed.",
            serial=s.life.serial, reason="label_uncertain",
        )  # fmt: skip
    if s.life.held is None:
        return None
    return refuse(
        s, "serial_held", f"Serial {s.life.serial} is held: {s.life.held}.",
        serial=s.life.serial, reason=s.life.held,
    )  # fmt: skip


def not_held_unless_recall(s: Subject, ask: Ask) -> Offence | None:
    return None if s.life.held == "recall" else not_held(s, ask)


def is_held(s: Subject, ask: Ask) -> Offence | None:
    if s.life.held is not None:
        return None
    return refuse(
        s, "transition_not_allowed", f"Serial {s.life.serial} is not held.", serial=s.life.serial,
        state=s.life.state, action=ask.action,
    )  # fmt: skip


def line_given(s: Subject, ask: Ask) -> Offence | None:
    if ask.line is not None:
        return None
    return refuse(s, "line_unknown", f"Say for which line of a document: {ask.action} needs one.")


def line_open(s: Subject, ask: Ask) -> Offence | None:
    line = ask.line or ask.document
    if line is None or line.open:
        return None
    return refuse(
        s, "document_done", f"{line.number} is {line.status}.", document=line.number,
        status=line.status,
    )  # fmt: skip


def item_matches_line(s: Subject, ask: Ask) -> Offence | None:
    if ask.line is None or ask.line.item == s.life.item:
        return None
    item = ask.items[s.life.item].sku
    return refuse(
        s, "line_item_mismatch",
        f"Serial {s.life.serial} is of item {item}, and the line of {ask.line.number} is for "
        "another.",
        serial=s.life.serial, item=item, document=ask.line.number,
    )  # fmt: skip


def committed_to_this_line(s: Subject, ask: Ask) -> Offence | None:
    if s.life.line is None or s.life.role not in ("committed", "picked"):
        return None
    mine = ask.line is not None and s.life.line in (ask.line.id, ask.line.source)
    if mine or (ask.line is None and ask.document is not None and ask.action is Action.SHIP):
        return None
    return refuse(
        s, "serial_committed_elsewhere",
        f"Serial {s.life.serial} is {s.life.role} for {s.life.document}.",
        serial=s.life.serial, document=s.life.document,
    )  # fmt: skip


def picked_if_required(s: Subject, ask: Ask) -> Offence | None:
    if not ask.rules.require_pick or s.life.state is State.PICKED:
        return None
    return refuse(
        s, "serials_missing", f"Serial {s.life.serial} has not been picked yet.",
        serial=s.life.serial, state=s.life.state,
    )  # fmt: skip


def customer_given(s: Subject, ask: Ask) -> Offence | None:
    if party_of(ask) is not None:
        return None
    return refuse(s, "customer_required", f"Say to whom serial {s.life.serial} goes.")


def supplier_given(s: Subject, ask: Ask) -> Offence | None:
    if party_of(ask) is not None or s.life.supplier is not None:
        return None
    return refuse(s, "supplier_required", f"Say to whom serial {s.life.serial} goes back.")


def customer_matches_or_confirmed(s: Subject, ask: Ask) -> Offence | None:
    party = party_of(ask)
    if party is None or s.life.customer in (None, party) or ask.confirmed:
        return None
    return refuse(
        s, "serial_not_sold_to_customer",
        f"Serial {s.life.serial} was shipped to {s.life.customer_name or 'another customer'}.",
        serial=s.life.serial, customer=s.life.customer_name,
    )  # fmt: skip


def _feature(s: Subject, ask: Ask, *names: str) -> Offence | None:
    if any(name in ask.rules.features for name in names):
        return None
    return refuse(
        s, "feature_disabled",
        f"{ask.action.value.replace('_', ' ').capitalize()} needs the feature "
        f"{' or '.join(names)}, which is off.",
        feature=names[0],
    )  # fmt: skip


def rma_enabled(s: Subject, ask: Ask) -> Offence | None:
    return _feature(s, ask, "rma")


def qc_or_rma_enabled(s: Subject, ask: Ask) -> Offence | None:
    return _feature(s, ask, "qc", "rma")


def work_orders_enabled(s: Subject, ask: Ask) -> Offence | None:
    return _feature(s, ask, "work_orders")


def document_started(s: Subject, ask: Ask) -> Offence | None:
    line = ask.line or ask.document
    if line is None or line.status == "in_progress":
        return None
    return refuse(
        s, "document_not_editable", f"{line.number} is {line.status}; start it first.",
        document=line.number, status=line.status,
    )  # fmt: skip


def parent_in_custody(s: Subject, ask: Ask) -> Offence | None:
    if ask.parent is None or ask.parent.in_custody:
        return None
    return refuse(
        s, "serial_not_in_custody",
        f"The assembly {ask.parent.serial} that {s.life.serial} went into is {ask.parent.state}.",
        serial=ask.parent.serial, state=ask.parent.state, customer=ask.parent.customer_name,
    )  # fmt: skip


def parent_is_another(s: Subject, ask: Ask) -> Offence | None:
    if ask.parent is None or ask.parent.id != s.life.id:
        return None
    return refuse(
        s, "parent_required", f"Serial {s.life.serial} cannot go into itself.",
        serial=s.life.serial,
    )  # fmt: skip


def not_counted_yet(s: Subject, ask: Ask) -> Offence | None:
    line = ask.line or ask.document
    if line is None or s.life.seen_at is None or s.life.role != "counted":
        return None
    return refuse(
        s, "serial_already_counted", f"Serial {s.life.serial} was counted already.",
        serial=s.life.serial, document=line.number,
    )  # fmt: skip


def new_serial_given(s: Subject, ask: Ask) -> Offence | None:
    if ask.rename_to is not None and ask.rename_to[0] != s.life.serial:
        return None
    return refuse(
        s, "transition_not_allowed", f"Serial {s.life.serial} is called that already.",
        serial=s.life.serial, action=ask.action, state=s.life.state,
    )  # fmt: skip


def permission(right: str) -> Guard:
    def permitted(s: Subject, ask: Ask) -> Offence | None:
        if ask.may(f"registry:{right}"):
            return None
        return refuse(
            s, "permission_denied",
            f"{ask.action.value.replace('_', ' ').capitalize()} needs the right "
            f"'registry:{right}'.",
            needs=f"registry:{right}",
        )  # fmt: skip

    permitted.__name__ = f"permission_{right}"
    return permitted
