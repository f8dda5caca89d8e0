"""Put away and move: scan where it goes, then each piece.

Serials go one by one; of lots and plain items a quantity goes, from the place that was said. What
is reserved or picked for an order keeps its order wherever it lies.
"""

from __future__ import annotations

from gateway.registry.guards import BAD_PLACES, GOOD_PLACES
from gateway.registry.lives import Action, Life, State
from gateway.registry.refusals import RegistryRefused
from gateway.scanners.outcomes import Outcome
from gateway.stations.answers import Answer
from gateway.stations.cards import say_state
from gateway.stations.meaning import Found
from gateway.stations.modes.amounts import amount_of, lots_here, taken_from
from gateway.stations.modes.mode import Mode, Slot
from gateway.stations.modes.pieces import check_active, why_not
from gateway.stations.turn import Turn
from gateway.store.registry.quantities import Portion, Quantities


class Move(Mode):
    name = "move"
    title = "Move"
    says = "Puts pieces away, or moves them to another place."
    asks = "Scan each piece that goes there, another location, or DONE."
    slots = (Slot("location", ("location",), "Scan the location where it goes."),)
    units = ("serial", "item", "lot")
    action = Action.TRANSFER

    def near(self, turn: Turn, found: Found) -> bool:
        return False  # what shall go there may lie anywhere

    def enter(self, turn: Turn, slot: Slot, found: Found) -> Answer:
        check_active(turn.run, found.number)
        return super().enter(turn, slot, found)

    def unit(self, turn: Turn, found: Found) -> Answer:
        to = turn.context("location")
        assert to is not None
        if found.life is None:
            return self._quantity(turn, found, to.number, to.title)
        life, sku = found.life, found.sku or ""
        if life.in_custody and life.place == to.number:
            return Answer(
                Outcome.LOOK, f"{sku} {life.serial} is at {to.title} already.", "location_same",
                cards=(turn.cards.serial(life.id),),
            )  # fmt: skip
        if not self.moves(turn, found):
            raise why_not(life, sku, "moved")
        if turn.quantity() not in (None, 1):
            raise RegistryRefused(
                "serial_quantity_not_one", f"{sku} {life.serial} is one piece. Scan it again."
            )
        self._check_kind(turn, life, sku, to.number, to.title)
        turn.perform(Action.TRANSFER, [life.id], place=to.number)
        turn.count()
        was = f" from {life.place_code}" if life.place_code else ""
        return Answer(
            Outcome.DONE, f"{sku} {life.serial} moved{was} to {to.title}.",
            cards=(turn.cards.serial(life.id),),
        )  # fmt: skip

    @staticmethod
    def _check_kind(turn: Turn, life: Life, sku: str, place: int, code: str) -> None:
        kind = next(iter(turn.run("SELECT kind FROM place WHERE id = ?", (place,))))[0]
        bad = life.state in (State.RETURNED, State.REJECTED)
        if kind in (BAD_PLACES if bad else GOOD_PLACES):
            return
        raise RegistryRefused(
            "location_wrong_kind",
            f"{code} is a place for {kind.replace('_', ' ')}, and {sku} {life.serial} is "
            f"{say_state(life.state)}. Scan another location.",
            location=code, kind=kind,
        )  # fmt: skip

    @staticmethod
    def _quantity(turn: Turn, found: Found, to: int, code: str) -> Answer:
        assert found.item is not None
        amount = amount_of(turn, found, lots_here(turn.run, found.item))
        place = taken_from(turn, amount, "from", avoid=to)
        portion = Portion(amount.count, amount.lot or 0, place)
        turn.move(Quantities(Action.TRANSFER, amount.item, [portion], to=to))
        turn.count(amount.count)
        was = next(iter(turn.run("SELECT code FROM place WHERE id = ?", (place,))))[0]
        return Answer(
            Outcome.DONE, f"{amount.said} moved from {was} to {code}.",
            cards=(turn.cards.location(to),),
        )  # fmt: skip
