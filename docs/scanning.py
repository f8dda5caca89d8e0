"""The page of scanners and stations: modes, command barcodes, options of scanners, outcomes.

MODES, VERBS, Profile, FAULTS ──scanning──► docs/scanning.md
"""

from __future__ import annotations

import ast
import inspect
from dataclasses import fields
from types import ModuleType

from gateway.codes.commands import VERBS, write_command
from gateway.scanners import outcomes, scanner
from gateway.scanners.feedback import FEEDBACKS
from gateway.scanners.layouts import load_layouts
from gateway.scanners.outcomes import Outcome
from gateway.scanners.scanner import USUAL, Profile
from gateway.stations import station
from gateway.stations.heard import FAULTS
from gateway.stations.modes import MODES
from gateway.stations.station import STANDARD, Options

GENERATED = "<!-- Written by `make docs`; change the code, not this page. -->"

_HEAD = """# Scanners and stations

{generated}

A **station** is a screen, its scanners and its printer. What is scanned at it is looked up, checked
against the rules of [the registry](registry.md), done, and answered: a sentence, a colour, a sound,
and the scanner's own beeper where it has one.

```sh
label-gateway station add desk --printer zebra --location A-01
label-gateway scanner find                     # what is plugged in, each with the line to type
label-gateway scanner add hand virtual: --station desk
label-gateway scanner scan hand A1234          # as if the trigger had been pulled
```

The screen is http://127.0.0.1:8730/station/desk, on this computer or, paired by a code, on another
(`label-gateway station pair desk`). A station needs no screen: a scanner that beeps is enough.

## How a scan ends

{outcomes}

## Modes

A mode takes its context first, then one piece after the other. `DONE` ends it, `UNDO` takes back
the last, and any of the last ten can be taken back by touch. A mode is scanned, or touched.

| mode | barcode | what it does | first |
|---|---|---|---|
{modes}

The sheet with all of them is printed from the station's page.

## Command barcodes

Everything that is touched on the page can be scanned. `GWC-`, a verb, sometimes an argument, and a
check character (ISO/IEC 7064, MOD 37,36): nothing else that is scanned is ever a command.

| verb | example | |
|---|---|---|
{verbs}

## What a code means

1. A code of this gateway (`GW-…`) names one serial's life, lot, location or document for ever.
2. GS1 Digital Link and GS1 element strings, if the symbology, a bracket or a separator says that
   they are; without any sign only if all of it parses *and* the GTIN is known here.
3. ISO/IEC 15434 envelopes and, where the scanner's options say so, bare MH10.8.2 identifiers.
4. Everything else is looked for everywhere, exactly: serials and their earlier names, SKUs and
   barcodes of items, locations, documents, customers and suppliers, badges.

Nothing is found by a part of it. Of several things called so the station takes what it waits for,
then what it can move, then what is on its document or at its place; of several of those a person
says which, by touch, by a number or by scanning the item. That is not remembered for the next scan.
`label-gateway scan resolve CODE` says each step.

## What cannot be believed

| what the scanner sent | what the person is told |
|---|---|
{faults}

## Options of a scanner

`label-gateway scanner add NAME URL --set suffix=tab`, or `options` of
`PUT /v1/scanners/{{name}}`.

| option | usually | |
|---|---|---|
{options}

Best is HID POS (`hid:`): no keyboard layout, and the symbology comes with each code; a serial line
or USB CDC (`serial:`) is next, a keyboard wedge (`wedge:`) last. **A wedge that the gateway listens
to types into no other window of this computer**; `label-gateway scanner release NAME` gives it
back, and the option `pass_through` types what nobody here knows into the window with the focus.

The screen **Add a scanner** (`/scanners/add`) shows a QR Code: press *Scan with the one to add* and
scan it. That one scan names the device, the layout of its keyboard, how the separator GS comes, and
what the scanner puts around a code; `label-gateway scanner teach` does the same with the page
`/calibration`, or a label by the template `scanner-calibration`. A wedge imitates the keyboard of a
country, and one that types into a browser shows on `/scanners/test` whether that is the computer's.
`/scanners/sheet` is a page to print with the codes, and with what to set in the words of makers'
guides. Layouts: {layouts}.

**Every byte is seen** on a scanner's test page (`/scanners/NAME/test`, or
`POST /v1/scanners/{{name}}/trial`): for two minutes what it reads is shown with its bytes, the kind
of barcode and its meaning, and nothing is done with it.

On Linux a keyboard or HID scanner may be opened by root alone at first. Once it is added,
`sudo label-gateway doctor --fix` writes a rule for each (`--scanner URL` for one that is not added
yet; with `--silent` its desktop never listens to it either, not even in the moment after plugging
in, nor when the gateway lets go of it).

## Scanners that beep

A keyboard takes no commands. A HID POS scanner beeps where it says that it can be asked to (its
Trigger Report): good for done, twice for look, good and bad for asked, bad for refused. On serial
lines `feedback` makes these say themselves how a scan ended, by four signals that nobody can
mistake:

| `feedback` | | what must be set on the scanner | source |
|---|---|---|---|
{feedback}

## A screen that starts by itself

Browsers make no sound before somebody has touched them, so the page asks for one touch at the start
of a shift. A computer that only shows the station can begin without:

```sh
chromium --kiosk --autoplay-policy=no-user-gesture-required http://127.0.0.1:8730/station/desk
```

## Options of a station

| option | usually | |
|---|---|---|
{station}

## When the gateway does not answer

The page says so and keeps what is scanned, marked *not yet checked*. When it is back, the list is
shown to be sent or thrown away; nothing of it is booked by itself. A scan that was sent, and whose
answer was lost, is sent again under its number and gets the first answer.

## From another program

`POST /v1/scans` takes a scan from anywhere: `{{"code": "…", "station": "desk", "source": "phone-7",
"sequence": 12}}`. The same `source` and `sequence` again get the same answer. Every scan is in the
feed (`scan.done`, `scan.look`, `scan.refused`, `scan.asked`): server-sent events, WebSocket,
[webhooks](webhooks.md), MQTT.
"""


def scanning() -> str:
    """Return docs/scanning.md."""
    return _HEAD.format(
        layouts="; ".join(f"`{name}` {one.title}" for name, one in load_layouts().items()),
        generated=GENERATED,
        outcomes="\n".join(
            f"- **{one.value}**: {_lower(said)}"
            for one, said in zip(Outcome, _said(outcomes, Outcome).values(), strict=True)
        ),
        modes="\n".join(_mode(name) for name in MODES),
        verbs="\n".join(_verb(name) for name in VERBS),
        faults="\n".join(f"| `{name}` | {says} |" for name, says in FAULTS.items()),
        options="\n".join(
            f"| `{field.name}` | {_value(getattr(USUAL, field.name))} | "
            f"{_said(scanner, Profile)[field.name]} |"
            for field in fields(Profile)
        ),
        feedback="\n".join(
            f"| `{name}` | {one.title} | {one.setting or '–'} | {one.source} |"
            for name, one in FEEDBACKS.items()
        ),
        station="\n".join(
            f"| `{field.name}` | {_value(getattr(STANDARD, field.name))} | "
            f"{_said(station, Options)[field.name]} |"
            for field in fields(Options)
        ),
    )


def _mode(name: str) -> str:
    mode = MODES[name]
    first = "; ".join(
        slot.name.replace("_", " ") + ("" if slot.required else " (if wanted)")
        for slot in mode.slots
    )
    code = write_command("MODE", name.upper())
    return f"| {mode.title} | `{code}` | {mode.says} | {first or '–'} |"


def _verb(name: str) -> str:
    row = VERBS[name]
    if row.signed:
        code = f"GWC-{name}-{row.example}-(signature)-(check)"
    else:
        code = write_command(name, row.example if name != "UNDO" else "")
    return f"| {name} | `{code}` | {row.title} |"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"`{value}`" if value not in ("", 0) else "–"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _said(module: ModuleType, of: type) -> dict[str, str]:
    """Return the sentence that stands below each member of a class in its source.

    >>> _said(station, Options)["sound"]
    'Its page makes the four sounds.'
    """
    (found,) = (
        node for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.ClassDef) and node.name == of.__name__
    )  # fmt: skip
    said: dict[str, str] = {}
    name = ""
    for node in found.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and name:
            said[name] = " ".join(str(node.value.value).split())
        if name:
            said.setdefault(name, "")
    return {name: text.replace("``", "`") for name, text in said.items()}
