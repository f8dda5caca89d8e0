"""``label-gateway location``: sites, zones and bins."""

from __future__ import annotations

from typing import Any

from gateway.cli.things import Noun, add_noun

LOCATION = Noun(
    "location", "locations", "code", "places where goods are: sites, zones, bins",
    flags=("active",),
    columns=("code", "name", "kind", "parent", "active"),
    filters={
        "kind": "site, zone, bin, quarantine, staging or in_transit",
        "parent": "right inside this one",
    },
    examples="examples:\n"
    "  label-gateway location set MAIN kind=site name='Main building'\n"
    "  label-gateway location set A-01 kind=bin parent=MAIN\n"
    "  label-gateway location import racks.csv --dry-run\n",
)  # fmt: skip


def add(commands: Any) -> None:
    """Add the command to the command line."""
    add_noun(commands, LOCATION)
