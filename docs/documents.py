"""The page of documents: each type's steps, what they need, and what may still be changed.

KINDS, STEPS ──documents──► docs/documents.md
"""

from __future__ import annotations

from gateway.registry.documents import KINDS, STEPS, DocumentType

GENERATED = "<!-- Written by `make docs`; change the code, not this page. -->"

_CHOSEN = {
    "planned": "announced: they are `planned` until they come",
    "committed": "reserved: they are `committed`; one that is still to come is wanted, and is "
    "committed when it arrives",
    "wanted": "only named: nothing moves until the step",
}

_HEAD = """# Documents

{generated}

Orders, deliveries, returns, builds, transfers, write-offs and counts, at
`/v1/documents/<type>/<number>` or by `label-gateway doc`. A draft may say anything and is saved at
any time; what a step needs is asked when the step is taken, of all lines at once, and a refused
step does nothing.

```sh
label-gateway doc new purchase_order --party ACME --to A-01 --line DRILL=10
label-gateway doc add PO-00001 1 A1..A10
label-gateway doc confirm PO-00001
label-gateway doc receive PO-00001
```

## Lines

- `quantity` in a unit of measure (`uom`) comes to whole base units; half a box of twelve is six
  pieces, half a piece is refused. Prices and costs are for one base unit.
- A line for a kit also asks for the kit's members; those are what is chosen and moved. A line of a
  work order asks for what its bill of material names, or what `components` say.
- `serial_status` is the badge beside a line: `not_required`, `needed`, `partial`, `complete`.
- Serials are given as a list (`"A1..A9, B7"`), one by one with memo, custom fields and place of
  their own, by id, or as `{{"generate": 5}}`. Quantities of lots as `lots`, of other items as
  `quantity`; without a lot what expires first is suggested, and nothing held or expired is taken.
- A confirmed order *reserves* what is there and promised to nobody else; the rest of a line is its
  *backorder*, and confirming again reserves what has come since. Serials or lots chosen later are
  part of what was reserved.
- Each step is an event for each line, named in the answer. Each can be undone as long as nothing
  has happened to its pieces since; the document's status follows.

## What may be changed, and when

| the document, or its line | may change |
|---|---|
| nothing was chosen or done | everything |
| something was planned, reserved, picked or done of a line | to ask for more; not for less than \
that (`line_below_done`), nor another item, nor be left out |
| something was picked or done | not its party, nor what it fulfils (`document_not_editable`) |
| it is done or cancelled | memo, custom fields, foreign references (else `document_done`) |

The same holds for `PUT` by another system's id, one by one or many at once: the same request again
changes nothing, and a list is taken whole or not at all.

## Steps of each type
"""


def documents() -> str:
    """Return docs/documents.md, from the tables of gateway.registry.documents."""
    return _HEAD.format(generated=GENERATED) + "".join(_type(kind) for kind in DocumentType)


def _type(kind: DocumentType) -> str:
    about = KINDS[kind]
    said = [f"Numbers that are drawn look like `{about.prefix}-00001`."]
    if about.party:
        said.append(f"It is for a {about.party}.")
    if about.sources:
        said.append(f"It may fulfil: {', '.join(f'`{one}`' for one in about.sources)}.")
    if about.feature:
        said.append(f"It needs the feature `{about.feature}`.")
    rows = "\n".join(
        f"| `{verb}` | {', '.join(one.replace('_', ' ') for one in step.sources)} | "
        f"{_status(step.to)} | {step.says}{' (every line complete)' if step.whole else ''} |"
        for (of, verb), step in STEPS.items()
        if of == kind
    )
    return f"""
### {kind}

{" ".join(said)}
Serials chosen for it are {_CHOSEN[about.chosen]}.

| step | while it is | then it is | |
|---|---|---|---|
{rows}
"""


def _status(to: str) -> str:
    if to == "derived":
        return "what its lines are: open, in progress, done"
    return to.replace("_", " ") or "as it was"
