"""Reprint: each scan prints the piece's label again, at this station's printer.

The name of a template, scanned or typed first, says which label; without one it is the station's
own. A quantity before the piece says how many.
"""

from __future__ import annotations

from gateway.registry.refusals import RegistryRefused
from gateway.scanners.outcomes import Outcome
from gateway.stations.answers import Answer
from gateway.stations.meaning import Found
from gateway.stations.modes.mode import Mode
from gateway.stations.sessions import Context
from gateway.stations.turn import Turn

MOST_COPIES = 100
"""Labels of one piece at once: more is a slip of the hand."""


class Reprint(Mode):
    name = "reprint"
    title = "Reprint"
    says = "Prints the labels of pieces again."
    asks = "Scan each piece whose label is to be printed."
    units = ("serial",)

    def unit(self, turn: Turn, found: Found) -> Answer:
        assert found.life is not None
        name = f"{found.sku} {found.life.serial}"
        copies = turn.quantity() or 1
        if copies > MOST_COPIES:
            raise RegistryRefused(
                "value_wrong",
                f"{copies:,} labels of {name} are too many at once; print at most {MOST_COPIES}.",
                key="quantity",
            )  # fmt: skip
        template = turn.context("template")
        said = turn.print([found.life.id] * copies, template.text if template else "")
        card = turn.cards.serial(found.life.id)
        if not turn.jobs:
            return Answer(Outcome.REFUSED, f"{name}: {said}", "label_not_printed", cards=(card,))
        turn.count(copies)
        return Answer(Outcome.DONE, f"{name}: {said}", cards=(card,))

    def unknown(self, turn: Turn) -> Answer | None:
        name = turn.reading.text
        if not turn.tools.print_labels.knows(name):
            return None
        turn.session.context["template"] = Context("template", 0, name, text=name)
        return Answer(Outcome.DONE, f"Template {name}. {self.asks}")
