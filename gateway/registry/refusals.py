"""Everything the registry refuses, one row each, and the error that carries it.

A refusal names every offending serial with its own cause, and nothing of the request was applied.

>>> refused = RegistryRefused("serial_on_hand", "Serial A1234 is on hand at A-01.", serial="A1234")
>>> refused.code, refused.cause.kind, refused.facts
('serial_on_hand', 'state', {'serial': 'A1234'})
>>> Offence("A1", "serial_held", "A1 is held (recall).").code
'serial_held'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from gateway.errors import Refused

Kind = Literal["input", "unknown", "state", "stale", "forbidden", "confirm", "busy", "broken"]
"""What a refusal means to a program: change the input, read again, ask a person, come back."""


class Cause(NamedTuple):
    """A row of the table of refusals."""

    kind: Kind
    title: str
    advice: str


_AGAIN = "Read the serial again: `facts` say where it is and what it may do."
_LIST = "Nothing was applied. `items` names each token with its cause; mend the list and send it."
_DOC = "Read the document again and complete what `facts` name."

CAUSES: Mapping[str, Cause] = {
    # ---------------------------------------------------------------- serials and their lives
    "serial_on_hand": Cause("state", "The serial is on hand already", _AGAIN
        + " Ship it or write it off first, or enter another serial."),
    "serial_in_custody": Cause("state", "The serial is here already", _AGAIN),
    "serial_planned_elsewhere": Cause("state", "The serial is planned on another document", _AGAIN),
    "serial_reused": Cause("confirm", "The serial was used before", "An earlier life of the serial "
        "has ended. Send the token of `facts.token` as `confirm` to begin a new life, or use "
        "`return`, `unbuild` or a buy-back for the piece that comes back."),
    "serial_reuse_forbidden": Cause("state", "The serial was used before", "The setting "
        "`registry.reuse` forbids a second life. Enter another serial."),
    "serial_unknown": Cause("unknown", "There is no such serial", "`facts.similar` names serials "
        "that look like it; nothing is ever guessed."),
    "serial_not_in_custody": Cause("state", "The serial is not here", _AGAIN),
    "serial_held": Cause("state", "The serial is held", "`facts.reason` says why. Somebody with "
        "the right `registry:hold` can let it go."),
    "serial_committed_elsewhere": Cause("state", "The serial belongs to another order", _AGAIN),
    "serial_wrong_item": Cause("state", "The serial is of another item", _AGAIN),
    "serial_wrong_location": Cause("state", "The serial is at another place", _AGAIN),
    "serial_not_on_manifest": Cause("state", "The serial was not announced", "The order lists "
        "other serials for this delivery. Check the piece, or add it to the order first."),
    "serial_not_sold_to_customer": Cause("confirm", "The serial was sold to somebody else",
        "Check the customer. To take it back all the same, send `facts.token` as `confirm`."),
    "serial_already_counted": Cause("state", "The serial was counted already", "Nothing to do."),
    "serial_already_on_line": Cause("state", "It is on this line already", "Nothing to do."),
    "serial_count_mismatch": Cause("state", "The number of serials does not match", _DOC),
    "serials_missing": Cause("state", "Serials are missing", _DOC),
    "serial_quantity_not_one": Cause("input", "A serial has quantity one", "Enter one serial for "
        "each piece."),
    "fractional_serial_quantity": Cause("input", "Serials are counted in whole pieces", "Choose a "
        "quantity and unit that make a whole number of pieces."),
    # ---------------------------------------------------------------- lists of serials
    "serial_mask_mismatch": Cause("input", "The serial does not fit the item's mask", _LIST),
    "serial_too_long": Cause("input", "The serial is too long", _LIST),
    "serial_bad_character": Cause("input", "The serial holds a character it may not", _LIST),
    "duplicate_in_list": Cause("input", "A serial stands twice in the list", _LIST),
    "range_too_large": Cause("input", "The range is too large", _LIST),
    "range_descending": Cause("input", "The range runs backwards", _LIST),
    "range_width_mismatch": Cause("input", "The ends of the range differ in width", _LIST),
    "range_ambiguous": Cause("input", "The range can be read in two ways", _LIST),
    "range_not_understood": Cause("input", "The range is not understood", _LIST),
    # ---------------------------------------------------------------- steps
    "transition_not_allowed": Cause("state", "That step is not allowed from here",
        "`facts.allowed` lists the steps that are."),
    "confirmation_required": Cause("confirm", "This needs a confirmation", "`facts.consequences` "
        "say what would happen. Send `facts.token` as `confirm` to do it."),
    "reason_required": Cause("input", "A reason is needed", "Send `reason`."),
    "customer_required": Cause("input", "A customer is needed", "Send `party`, or a document with "
        "one."),
    "supplier_required": Cause("input", "A supplier is needed", "Send `party`, or a document with "
        "one."),
    "parent_required": Cause("input", "The assembly is needed", "Send `parent`, the serial that "
        "the pieces go into."),
    "undo_not_latest": Cause("state", "Something happened since", "Only the last step of every "
        "serial in it can be undone; `facts` name the later one."),
    "undo_expired": Cause("state", "It is too late to undo that", "Correct it by a step of its "
        "own, or ask somebody with the right `registry:undo`."),
    "undo_impossible": Cause("state", "That step cannot be undone", "Correct it by a step of its "
        "own."),
    # ---------------------------------------------------------------- items
    "item_unknown": Cause("unknown", "There is no such item", "Check the SKU."),
    "item_inactive": Cause("state", "The item is not active", "Make it active, or choose another."),
    "item_not_serialised": Cause("state", "The item has no serials", "Switch its tracking to "
        "`serial` first."),
    "item_not_lotted": Cause("state", "The item has no lots", "Switch its tracking to `lot` first, "
        "or leave the lot out."),
    "item_needs_lot": Cause("input", "A lot is needed", "The item is tracked by lot; name one for "
        "each quantity."),
    "item_not_trackable": Cause("state", "The item cannot be tracked", "Only stock items and "
        "assemblies have serials or lots."),
    "item_synced": Cause("state", "The item is known to the accounts", "Its tracking cannot change "
        "any more; an administrator can unlock it, which is logged."),
    "item_in_use": Cause("state", "The item is in use", "`facts` count the records that use it."),
    "opening_serials_missing": Cause("state", "Pieces on hand have no serials", "Give a serial for "
        "each piece, or set `registry.opening` to `later`."),
    "account_codes_missing": Cause("state", "Account codes are missing", "Fill in `account_codes`, "
        "or switch `registry.require_account_codes` off."),
    "sku_taken": Cause("state", "The SKU is taken", "Choose another, or change the item there is."),
    "gtin_taken": Cause("state", "The GTIN is another item's", "Each trade item has its own GTIN."),
    # ---------------------------------------------------------------- places, parties, lots
    "location_unknown": Cause("unknown", "There is no such location", "Check its code."),
    "location_inactive": Cause("state", "The location is not active", "Choose another."),
    "location_wrong_kind": Cause("state", "The location is of the wrong kind", "`facts.expected` "
        "says which kinds will do."),
    "location_required": Cause("input", "A location is needed", "Send `location`."),
    "location_same": Cause("state", "It is there already", "Nothing to do."),
    "location_in_use": Cause("state", "The location is in use", "Move what is there first."),
    "location_loop": Cause("input", "A location cannot be inside itself", "Choose another parent."),
    "code_taken": Cause("state", "The code is taken", "Choose another."),
    "party_unknown": Cause("unknown", "There is no such customer or supplier", "Check its code."),
    "party_wrong_kind": Cause("state", "The party is of the wrong kind", "Check its `kind`."),
    "party_in_use": Cause("state", "The party is in use", "Set it inactive instead."),
    "lot_unknown": Cause("unknown", "There is no such lot", "Check its code and item."),
    "lot_held": Cause("state", "The lot is held", "`facts.reason` says why. Somebody with the "
        "right `registry:hold` can let it go."),
    "lot_in_use": Cause("state", "The lot is in use", "Pieces of it came already; hold it "
        "instead."),
    "lot_expired": Cause("state", "The lot has expired", "Choose another lot, or hold it."),
    "operator_unknown": Cause("unknown", "There is no such operator", "Check the badge."),
    "operator_refused": Cause("forbidden", "The PIN is wrong", "Enter it again."),
    # ---------------------------------------------------------------- documents and quantities
    "document_unknown": Cause("unknown", "There is no such document", "Check its type and number."),
    "document_number_taken": Cause("state", "The document's number is taken", "Choose another."),
    "document_not_editable": Cause("state", "The document cannot be changed", _DOC),
    "document_done": Cause("state", "The document is finished", "Undo it, or make another."),
    "document_wrong_type": Cause("state", "The document is of another type", "`facts.expected` "
        "says which types will do."),
    "line_unknown": Cause("unknown", "There is no such line", _DOC),
    "line_full": Cause("state", "The line has all it needs", _DOC),
    "line_item_mismatch": Cause("state", "The line is for another item", _DOC),
    "line_below_done": Cause("state", "More of it has moved already", "`facts.done` says how much; "
        "a line cannot ask for less."),
    "currency_differs": Cause("state", "The money differs", "Give the amount in the currency that "
        "the pieces were paid in."),
    "quantity_missing": Cause("state", "Quantities are missing", _DOC),
    "uom_unknown": Cause("unknown", "The item has no such unit", "Check the unit of measure, or "
        "add it to the item."),
    "quantity_unavailable": Cause("state", "There is not enough", "`facts.available` says how much "
        "there is; the rest can be a backorder."),
    "components_incomplete": Cause("state", "Components are missing", _DOC),
    "stocktake_unresolved": Cause("state", "Differences are not decided", _DOC),
    "transfer_incomplete": Cause("state", "Not all has arrived", _DOC),
    # ---------------------------------------------------------------- anything
    "field_unknown": Cause("input", "There is no such custom field", "Define it first."),
    "field_wrong": Cause("input", "The custom field's value is wrong", "`facts.expected` says what "
        "it takes."),
    "field_required": Cause("input", "A custom field is needed", "`facts.fields` names it."),
    "field_in_use": Cause("state", "The custom field is in use", "`facts.used` counts the values "
        "in the way."),
    "field_not_there": Cause("unknown", "There is no such custom field", "Check its scope and "
        "key."),
    "rows_refused": Cause("input", "Rows of the table were refused", "Nothing was applied. "
        "`items` name each row with its cause; mend them and send the table again, or send it with "
        "`?partial=1` to leave them out."),
    "value_wrong": Cause("input", "A value is wrong", "`facts.key` names it, and `detail` says "
        "what it takes."),
    "stale_version": Cause("stale", "It was changed meanwhile", "Read it again, look at what "
        "changed, and repeat your change."),
    "permission_denied": Cause("forbidden", "That is not permitted", "`facts.needs` names the "
        "right; an administrator can give a key that has it."),
    "feature_disabled": Cause("forbidden", "That feature is off", "`facts.feature` names it; an "
        "administrator can switch it on in the settings."),
    "code_unknown": Cause("unknown", "The code is not known", "Nothing is ever guessed from a "
        "part of a code. `facts.similar` names what looks like it."),
    "code_unexpected": Cause("state", "That is not what is wanted here", "`facts.kind` says what "
        "it is; scan what the station asks for."),
    "code_ambiguous": Cause("state", "The code means several things", "`items` lists them; say "
        "which is meant, by `item` or by scanning the item too."),
    "event_unknown": Cause("unknown", "There is no such event", "Check its number."),
    "event_chain_broken": Cause("broken", "The record of events was tampered with", "Restore a "
        "backup, and compare it by `label-gateway registry verify`."),
    "record_append_only": Cause("broken", "What happened cannot be rewritten", "Correct it by a "
        "step of its own."),
    "registry_busy": Cause("busy", "Somebody else was faster", "Nothing was done. Send it again."),
}  # fmt: skip
"""Code -> what it means. ``gateway.api.problems`` gives each kind its HTTP status."""


@dataclass(frozen=True, slots=True)
class Offence:
    """One thing that is refused, with its cause."""

    subject: str
    """The serial, the line or the row, as given."""
    code: str
    detail: str
    """One sentence."""
    facts: Mapping[str, object] = field(default_factory=dict)


class RegistryRefused(Refused):
    """The registry refuses; ``items`` names every offender."""

    title = "The registry refused that"

    def __init__(
        self, code: str, detail: str, items: Iterable[Offence] = (), **facts: object
    ) -> None:
        super().__init__(detail, **facts)
        self.cause = CAUSES[code]
        self.code = code
        self.items = tuple(items)


def refuse_all(offences: Sequence[Offence], of: int, what: str = "serials") -> RegistryRefused:
    """Return the refusal of all offenders at once: under the one code they share, or the first's.

    >>> a = Offence("A1", "serial_on_hand", "A1 is on hand.", {"location": "X"})
    >>> refuse_all([a], 1).detail
    'A1 is on hand.'
    >>> refuse_all([a, Offence("A2", "serial_held", "A2 is held.")], 9).detail
    '2 of 9 serials were refused; the first: A1 is on hand.'
    """
    first = offences[0]
    facts: dict[str, object] = {"refused": len(offences), "of": of}
    if len(offences) == 1:
        facts |= first.facts
        detail = first.detail
    else:
        detail = f"{len(offences)} of {of} {what} were refused; the first: {first.detail}"
    return RegistryRefused(first.code, detail, offences, **facts)
