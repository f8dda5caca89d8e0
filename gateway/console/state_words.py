"""What the states, actions and events of serials are called on screens, in English.

The templates and ``words.translate`` say them in the person's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class StateWord(NamedTuple):
    """What a state is called."""

    word: str
    tone: str
    """Of its badge."""
    meaning: str


STATES: Mapping[str, StateWord] = {
    "planned": StateWord("Planned", "asked", "It is announced on an order and has not come yet."),
    "received": StateWord("In stock", "done", "It is here and free."),
    "committed": StateWord("Reserved", "look", "It is here and promised to an order."),
    "picked": StateWord("Picked", "look", "It was taken from the shelf for an order."),
    "in_transit": StateWord("On its way", "asked", "It is between two of our places."),
    "returned": StateWord("Returned", "look", "It is back from a customer, to be looked at."),
    "rejected": StateWord("Rejected", "refused", "It is here and was found bad."),
    "shipped": StateWord("Shipped", "quiet", "It is with a customer."),
    "consumed": StateWord("Built in", "quiet", "It is inside an assembly."),
    "written_off": StateWord("Written off", "refused", "It is lost or broken."),
    "sent_back": StateWord("Sent back", "quiet", "It went back to its supplier."),
    "cancelled": StateWord("Cancelled", "quiet", "It was announced and never came."),
    "untracked": StateWord("Without serial", "quiet", "It is in stock without its serial."),
}

LABELS: Mapping[str, tuple[str, str]] = {
    "none": ("No label yet", "quiet"),
    "pending": ("Label waits", "asked"),
    "sent": ("Label sent", "asked"),
    "printed": ("Label printed", "done"),
    "uncertain": ("Label in doubt", "look"),
}
"""Of a serial's label: the word, and the badge's tone."""


class ActionWord(NamedTuple):
    """What an action is called."""

    do: str
    """On its button."""
    done: str
    """In a list of what happened."""
    said: str = ""
    """When it has just been done."""
    question: str = ""
    """Before it is done, where it cannot simply be taken back."""


ACTIONS: Mapping[str, ActionWord] = {
    "plan": ActionWord("Announce", "Announced"),
    "cancel_plan": ActionWord(
        "Take the announcement back", "Announcement taken back",
        "%(serial)s is not expected any more.", "It is not expected any more then. Go on?",
    ),
    "receive": ActionWord("Receive", "Received", "%(serial)s is received."),
    "produce": ActionWord("Take in from production", "Made"),
    "adjust_in": ActionWord("Add by a correction", "Added by a correction"),
    "opening": ActionWord("Name as opening stock", "Named as opening stock"),
    "commit": ActionWord("Reserve", "Reserved"),
    "release": ActionWord("Give back from its order", "Given back from its order",
                          "%(serial)s is free again."),
    "pick": ActionWord("Pick", "Picked"),
    "unpick": ActionWord("Put back on the shelf", "Put back on the shelf",
                         "%(serial)s is back on the shelf."),
    "ship": ActionWord("Ship", "Shipped", "%(serial)s is shipped."),
    "drop_ship": ActionWord("Ship from the supplier", "Shipped from the supplier",
                            "%(serial)s is shipped."),
    "return": ActionWord("Take back, to be looked at", "Returned", "%(serial)s is back."),
    "return_to_stock": ActionWord("Take back into stock", "Returned into stock",
                                  "%(serial)s is back in stock."),
    "accept": ActionWord("Accept", "Found good", "%(serial)s was found good."),
    "reject": ActionWord("Reject", "Found bad", "%(serial)s is rejected."),
    "send_back": ActionWord(
        "Send back to the supplier", "Sent back to the supplier",
        "%(serial)s goes back to its supplier.",
    ),
    "write_off": ActionWord(
        "Write off", "Written off", "%(serial)s is written off.",
        "It leaves the stock for good. Write it off?",
    ),
    "reinstate": ActionWord("Take the write-off back", "Write-off taken back",
                            "%(serial)s is in stock again."),
    "transfer": ActionWord("Move", "Moved", "%(serial)s was moved."),
    "dispatch": ActionWord("Send on its way", "Sent on its way"),
    "arrive": ActionWord("Let it arrive", "Arrived"),
    "consume": ActionWord("Build into an assembly", "Built into an assembly",
                          "%(serial)s is built in."),
    "unbuild": ActionWord("Take out of its assembly", "Taken out of its assembly",
                          "%(serial)s is in stock again."),
    "untrack": ActionWord("Keep without its serial", "Kept without its serial"),
    "count": ActionWord("Count: it is here", "Counted", "%(serial)s is counted."),
    "hold": ActionWord("Hold", "Held", "%(serial)s is held."),
    "unhold": ActionWord("Let go", "Let go", "%(serial)s may move again."),
    "rename": ActionWord("Correct the serial", "Serial corrected", "The serial is corrected."),
    "annotate": ActionWord("Write down", "Written down"),
    "print_label": ActionWord("Print its label", "Label sent to a printer"),
    "undo": ActionWord("Undo", "Undone"),
}  # fmt: skip

CHANGES: Mapping[str, str] = {
    "serial": "Serial",
    "held": "Held",
    "lot": "Lot",
    "parent": "Assembly",
    "supplier": "Supplier",
    "customer": "Customer",
    "cost": "Cost",
    "price": "Price",
    "warranty_in": "Supplier's warranty until",
    "warranty_out": "Warranty until",
    "service_due": "Service due",
    "received_at": "Received",
    "shipped_at": "Shipped",
    "last_seen_at": "Last seen",
    "last_seen_location": "Last seen at",
    "memo": "Memo",
}
"""What a step of a serial's history may change, beside its state, place and custom fields."""

WORDS: tuple[str, ...] = (
    *(text for one in STATES.values() for text in (one.word, one.meaning)),
    *(word for word, _ in LABELS.values()),
    *(text for one in ACTIONS.values() for text in one),
    *CHANGES.values(),
)
"""All of them, for the table of words."""
