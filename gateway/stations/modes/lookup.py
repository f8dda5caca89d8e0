"""Look up: what is this, where is it, whose is it, what may be done with it. Changes nothing."""

from __future__ import annotations

from typing import get_args

from gateway.registry.lives import CUSTODY
from gateway.scanners.outcomes import Outcome
from gateway.stations.answers import Answer
from gateway.stations.cards import say_state
from gateway.stations.meaning import Found, Kind
from gateway.stations.modes.mode import Mode
from gateway.stations.turn import Turn


class Lookup(Mode):
    name = "lookup"
    title = "Look up"
    says = "Shows what a code is: state, place, customer, warranty, what happened last."
    asks = "Scan anything."
    units = get_args(Kind)

    def rank(self, turn: Turn, found: Found) -> int | None:
        # What is here before what has left; a person sees the others on the card.
        return 0 if found.life is None or found.life.state in CUSTODY else 1

    def unit(self, turn: Turn, found: Found) -> Answer:
        card = turn.cards.of(found)
        if found.kind == "new":
            return Answer(
                Outcome.LOOK, f"{found.sku} has no serial {found.name} yet.", cards=(card,)
            )
        sentence = f"{found.kind.capitalize()} {found.name}."
        if found.life is not None:
            life = found.life
            where = f" at {life.place_code}" if life.place_code else ""
            whose = f", with {life.customer_name}" if life.customer_name else ""
            sentence = f"{found.sku} {life.serial} is {say_state(life.state)}{where}{whose}."
        elif found.kind == "document":
            sentence = f"{card.subtitle.capitalize()} {card.title}: {card.rows[0][1]}."
        outcome = Outcome.DONE if card.tone == "ok" else Outcome.LOOK
        return Answer(outcome, sentence, cards=(card,))
