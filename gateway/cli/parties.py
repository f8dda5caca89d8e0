"""``label-gateway party``: customers, suppliers and carriers."""

from __future__ import annotations

from typing import Any

from gateway.cli.things import Noun, add_noun

PARTY = Noun(
    "party", "parties", "code", "customers, suppliers and carriers",
    flags=("active",),
    columns=("code", "name", "kind", "gln", "active"),
    filters={"kind": "customer, supplier, both or carrier"},
    examples="examples:\n"
    "  label-gateway party set ACME kind=supplier name='Acme Tools'\n"
    "  label-gateway party import customers.xlsx --partial\n",
)  # fmt: skip


def add(commands: Any) -> None:
    """Add the command to the command line."""
    add_noun(commands, PARTY)
