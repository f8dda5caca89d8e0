"""The bodies of requests and answers as models: for OpenAPI and for people, not for the routes.

The routes read their bodies by hand, because one of them is hot and the sentences of all of them
are meant for people; a test holds these models and those hands together. Imported only when the
description is asked for.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Value = str | int | float | bool | None


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class DocumentBody(_Body):
    """A file to print as it is."""

    content: Annotated[str, Field(min_length=1, description="The file in base 64, up to 20 MB.")]
    type: Annotated[
        Literal["application/pdf", "image/png", "application/zpl", "application/octet-stream"],
        Field(description="`application/octet-stream`: commands in the printer's own language."),
    ]
    fit: str = "contain"
    rotation: Literal[0, 90, 180, 270] = 0
    pages: Annotated[str, Field(description="`1-3,5`; empty for all.")] = ""


class ProofBody(_Body):
    """A label as a dry run has shown it: only these dots are meant."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="Of the dots, as a PBM.")]
    at: Annotated[str, Field(description="The moment that its dates show.")]


class JobBody(_Body):
    """Labels to print: exactly one of `template` (with `labels`), `raw` and `document`."""

    printer: Annotated[str, Field(min_length=1)]
    template: Annotated[str | None, Field(min_length=1)] = None
    version: Annotated[
        str | int | None, Field(description="A version's hash or number; the current one if none.")
    ] = None
    labels: Annotated[
        list[dict[str, Value]] | None,
        Field(min_length=1, description="One object of fields for each label."),
    ] = None
    raw: Annotated[
        str | None, Field(min_length=1, description="The printer's own commands; scope `raw`.")
    ] = None
    document: DocumentBody | None = None
    copies: Annotated[int, Field(description="1 to 10,000 pieces of each label.")] = 1
    mode: Annotated[
        str | None,
        Field(description="`exact`: dot for dot. `native`: the printer's own codes and text."),
    ] = None
    priority: Annotated[int, Field(description="-100 (last) to 100 (first).")] = 0
    hold: Annotated[bool, Field(description="Wait for a release.")] = False
    strict: Annotated[bool, Field(description="One label on the way at a time.")] = False
    expires_in: Annotated[
        float | None, Field(description="Seconds after which waiting labels expire.")
    ] = None
    title: Annotated[str, Field(max_length=200)] = ""
    uncounted: Annotated[
        bool, Field(description="Take raw commands whose labels cannot be counted.")
    ] = False
    stock: Annotated[
        str,
        Field(max_length=200, description="Held until a printer has this stock (`media.stock`)."),
    ] = ""
    proof: Annotated[
        ProofBody | None,
        Field(description="From a dry run: refused (412) unless the first label is as shown."),
    ] = None


class AcceptedBody(_Body):
    """The job is durable: it survives a power cut from now on."""

    id: str
    state: Literal["queued", "held"]
    labels: int
    printer: str
    links: dict[str, str]


class MediaBody(_Body):
    width: Annotated[int, Field(ge=2_000, le=2_000_000, description="µm across the head.")]
    height: Annotated[int, Field(ge=2_000, le=2_000_000, description="µm along the feed.")]
    stock: Annotated[str, Field(max_length=80, description="What people call it.")] = ""


class OffsetBody(_Body):
    x: Annotated[int, Field(ge=-20_000, le=20_000, description="µm to the right.")] = 0
    y: Annotated[int, Field(ge=-20_000, le=20_000, description="µm down.")] = 0


class SetupBody(_Body):
    """How the printer is set for its stock; null: as it is set itself."""

    tracking: Literal["gap", "mark", "continuous"] | None = None
    gap: Annotated[int, Field(ge=0, le=50_000, description="µm of the gap or mark.")] = 3_000
    darkness: Annotated[int | None, Field(ge=0, le=100, description="Percent.")] = None
    speed: Annotated[int | None, Field(ge=10_000, le=600_000, description="µm a second.")] = None
    finish: Literal["tear_off", "peel", "cut", "rewind"] | None = None
    offset: OffsetBody = OffsetBody()


class PrinterBody(_Body):
    """A printer's settings; what is left out stays as it was."""

    url: Annotated[
        str | None,
        Field(description="`tcp://10.0.0.7:9100`, or `virtual:` for one that the gateway runs."),
    ] = None
    language: str = "zpl"
    density: Annotated[int | str, Field(description="Dots/mm, or `180dpi`.")] = 8
    media: MediaBody | None = None
    model: str = ""
    evidence: Annotated[
        Literal["auto", "none"], Field(description="`none`: ask nothing; labels end at `sent`.")
    ] = "auto"
    mode: Literal["exact", "native"] = "exact"
    options: dict[str, object] = {}
    setup: SetupBody = SetupBody()
    name: Annotated[str | None, Field(description="A new name.")] = None


class ReplacementBody(PrinterBody):
    """Another device under the printer's name; what is left out stays as it was."""

    same_device: Annotated[
        bool, Field(description="Only the address has changed: evidence settles what was sent.")
    ] = False


class AlignmentBody(_Body):
    """Where the test label's cross is on the paper."""

    left: Annotated[int, Field(description="µm from the left edge to the cross.")]
    top: Annotated[int, Field(description="µm from the top edge to the cross.")]


class BeginningBody(_Body):
    """A new label: what it is for, and the stock it is laid out for."""

    purpose: Literal["serial", "item", "location", "lot", "shipping", "blank"]
    width: Annotated[int, Field(ge=2_000, le=2_000_000, description="µm across the head.")]
    height: Annotated[int, Field(ge=2_000, le=2_000_000, description="µm along the feed.")]
    printer: Annotated[str | None, Field(description="For its head.")] = None
    density: Annotated[int | str, Field(description="Dots/mm, or `180dpi`.")] = 8
    name: Annotated[str, Field(description="Made of purpose and size when left out.")] = ""
    title: Annotated[str, Field(max_length=200)] = ""


class LabelStockBody(_Body):
    """A kind of label roll; lengths in micrometres."""

    width: Annotated[
        int, Field(ge=2_000, le=2_000_000, description="Across the head; of one label.")
    ]
    height: Annotated[
        int, Field(ge=0, le=2_000_000, description="Along the feed; 0 on continuous stock.")
    ] = 0
    title: Annotated[str, Field(max_length=80)] = ""
    maker: Annotated[str, Field(max_length=80)] = ""
    part: Annotated[str, Field(max_length=80, description="The maker's part number.")] = ""
    tracking: Literal["gap", "mark", "continuous"] = "gap"
    material: Literal["", "direct thermal", "transfer"] = ""
    shape: Literal["rectangle", "round"] = "rectangle"
    across: Annotated[int, Field(ge=1, le=12, description="Labels side by side.")] = 1
    core: Annotated[int, Field(ge=0, le=200_000, description="What the roll is wound on.")] = 0


class PoolBody(_Body):
    """A name for several printers."""

    members: Annotated[
        list[str] | None, Field(min_length=1, max_length=100, description="Printers' names.")
    ] = None
    name: Annotated[str | None, Field(description="A new name.")] = None


class ScannerBody(_Body):
    """A scanner's settings; what is left out stays as it was."""

    url: Annotated[
        str | None,
        Field(description="`serial:///dev/ttyACM0`, or `virtual:` for one that is a program."),
    ] = None
    options: Annotated[
        dict[str, object], Field(description="How it writes: `suffix`, `gs`, `aim`, `layout` …")
    ] = {}
    station: Annotated[str | None, Field(description="Whose its scans are; null nobody's.")] = None
    name: Annotated[str | None, Field(description="A new name.")] = None


class TeachBody(_Body):
    """How long a person may need to scan with the scanner that is meant."""

    seconds: Annotated[float, Field(ge=1, le=120)] = 30


class VirtualScanBody(_Body):
    """What a virtual scanner reads."""

    code: str
    aim: Annotated[str, Field(description="The symbology identifier it sends: `]C1`.")] = ""


class StationBody(_Body):
    """A station's settings; what is left out stays as it was, null takes a value away."""

    title: Annotated[str, Field(max_length=80)] = ""
    location: Annotated[str | None, Field(description="The code of where it stands.")] = None
    printer: Annotated[str | None, Field(description="The printer or pool of its labels.")] = None
    template: Annotated[str | None, Field(description="Of its labels; null: the usual one.")] = None
    modes: Annotated[list[str], Field(description="What may be done there; [] for all.")] = []
    sound: bool = True
    require_operator: Annotated[bool, Field(description="Nothing without a badge.")] = False
    print_on_receive: Annotated[bool, Field(description="Labels print at once.")] = True
    name: Annotated[str | None, Field(description="A new name.")] = None


class WebhookBody(_Body):
    """Who is told, and what of; what is left out stays as it was."""

    url: Annotated[str, Field(description="https://…, or http://… in the site's own network.")]
    kinds: Annotated[
        list[str],
        Field(max_length=100, description="`scan.done`, or `scan` for all of them; [] for all."),
    ] = []
    stations: Annotated[
        list[str], Field(max_length=100, description="Only of these; [] for all.")
    ] = []
    private: Annotated[
        bool, Field(description="It may be at an address of the site's own network.")
    ] = True
    active: Annotated[bool, Field(description="False: send nothing for now.")] = True
    after: Annotated[
        int | Literal["now"] | None,
        Field(description="Go on behind this entry of the feed; a new one begins now."),
    ] = None
    name: Annotated[str | None, Field(description="A new name.")] = None


class CommandSheetBody(_Body):
    """Where a station's command barcodes are printed; all of it may be left out."""

    printer: Annotated[str, Field(description="Instead of the station's own.")] = ""
    template: Annotated[str, Field(description="Its fields: `title`, `code`, `station`.")] = ""


class PairBody(_Body):
    """The code on the gateway's page, typed into the browser that is to be the screen."""

    code: Annotated[str, Field(description="8 digits, however they are grouped.")]


class FindBody(_Body):
    """What to look for beside what announces itself."""

    timeout: Annotated[float, Field(ge=0.5, le=30, description="Seconds.")] = 4
    address: Annotated[
        str | None, Field(max_length=300, description="A host to look at, such as `10.0.0.7`.")
    ] = None


class IdentifyBody(_Body):
    """Which device is asked."""

    url: Annotated[str, Field(max_length=300)]
    language: Annotated[
        str | None, Field(description="What it speaks, if that is known: only this is asked.")
    ] = None


class ReprintBody(_Body):
    reason: Annotated[str, Field(max_length=200, description="Kept with the new job.")]
    labels: Annotated[list[int] | None, Field(description="Numbers; all when left out.")] = None
    printer: str | None = None


class LabelReprintBody(_Body):
    reason: Annotated[str, Field(max_length=200)] = ""
    printer: str | None = None


class AnswerBody(_Body):
    """Which of the labels in doubt is the last on paper, and what becomes of those after it."""

    last_printed: Annotated[str | None, Field(description="`L17`, or null for none of them.")]
    rest: Literal["reprint", "drop"]
    reason: str = ""
    labels: Annotated[
        list[str] | None, Field(description="Those asked about; refused when others are by now.")
    ] = None


class PriorityBody(_Body):
    priority: Annotated[int, Field(ge=-100, le=100)]


class PreviewBody(_Body):
    """Either `template` or `document`; either `printer` or `density` and `media`."""

    template: str | None = None
    version: str | int | None = None
    document: dict[str, object] | None = None
    fields: dict[str, Value] | None = None
    printer: str | None = None
    density: int | str = 8
    media: MediaBody | None = None


class SheetsBody(_Body):
    """Labels for sheets of paper; nothing is stored."""

    sheet: Annotated[
        str | dict[str, object],
        Field(description="A name of `GET /v1/sheets`, or `label`, `columns` and `rows`."),
    ]
    labels: Annotated[
        list[dict[str, Value]],
        Field(min_length=1, max_length=5_000, description="One object of fields for each label."),
    ]
    version: str | int | None = None
    start: Annotated[int, Field(ge=1, description="The first label left on the first sheet.")] = 1
    copies: Annotated[int, Field(ge=1, description="Of each label, beside each other.")] = 1
    marks: Annotated[bool, Field(description="Cut marks, for paper that is cut by hand.")] = False
    density: Annotated[int | str, Field(description="Dots/mm, or `600dpi`.")] = 24


class KeyBody(_Body):
    name: str
    scopes: list[str]
    expires_in: float | None = None
    expires_at: str | None = None


class SettingBody(_Body):
    value: str


class FaultBody(BaseModel):
    """What happens to a virtual printer; some faults take more."""

    model_config = ConfigDict(extra="allow")
    do: str


class ProblemItem(BaseModel):
    index: int
    pointer: str
    type: str
    detail: str


class Problem(BaseModel):
    """A refusal (RFC 9457)."""

    type: Annotated[str, Field(description="A page of this gateway that explains it.")]
    title: str
    status: int
    detail: Annotated[str, Field(description="One sentence: what, the value, the cure.")]
    facts: dict[str, object] = {}
    items: list[ProblemItem] = []


class LabelDraftBody(BaseModel):
    """A label as it is on the screen: any JSON object, also one that cannot be printed yet."""

    model_config = ConfigDict(extra="allow")


class PublishBody(_Body):
    """What is said of a new version."""

    note: Annotated[str, Field(max_length=200)] = ""


class BackBody(PublishBody):
    """An old version becomes a new one."""

    number: Annotated[int, Field(ge=1, description="The version to go back to.")]


class RejectBody(_Body):
    """Why a new version is not agreed to."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]


BODIES: dict[tuple[str, str], tuple[type[BaseModel], object]] = {
    ("post", "/v1/jobs"): (
        JobBody,
        {
            "printer": "zebra",
            "template": "serial-label",
            "labels": [{"serial": "SN-000123", "item": "HT-9000"}],
            "copies": 1,
            "mode": "exact",
        },
    ),
    ("put", "/v1/printers/{name}"): (
        PrinterBody,
        {
            "url": "tcp://127.0.0.1:9100",
            "language": "zpl",
            "density": 8,
            "media": {"width": 100000, "height": 50000},
        },
    ),
    ("post", "/v1/editor/begin"): (
        BeginningBody,
        {"purpose": "serial", "width": 100000, "height": 50000, "printer": "zebra"},
    ),
    ("put", "/v1/label-stocks/{name}"): (
        LabelStockBody,
        {"title": "Freezer labels", "width": 60000, "height": 40000, "material": "transfer"},
    ),
    ("post", "/v1/printers/find"): (FindBody, {"address": "10.0.0.7"}),
    ("post", "/v1/printers/identify"): (IdentifyBody, {"url": "tcp://10.0.0.7:9100"}),
    ("post", "/v1/printers/{name}/answer"): (
        AnswerBody,
        {"last_printed": "L17", "rest": "reprint"},
    ),
    ("post", "/v1/printers/{name}/replace"): (
        ReplacementBody,
        {"url": "tcp://10.0.0.8:9100", "language": "tspl"},
    ),
    ("post", "/v1/printers/{name}/align"): (AlignmentBody, {"left": 50400, "top": 24100}),
    ("put", "/v1/pools/{name}"): (PoolBody, {"members": ["line-1", "line-2"]}),
    ("post", "/v1/printers/{name}/virtual"): (FaultBody, {"do": "paper_out"}),
    ("post", "/v1/jobs/{job}/reprint"): (ReprintBody, {"reason": "label was torn", "labels": [3]}),
    ("post", "/v1/jobs/{job}/prioritize"): (PriorityBody, {"priority": 50}),
    ("post", "/v1/labels/{label}/reprint"): (LabelReprintBody, {"reason": "label was torn"}),
    ("post", "/v1/preview"): (
        PreviewBody,
        {"template": "serial-label", "fields": {"serial": "SN-000123"}, "density": 8},
    ),
    ("post", "/v1/templates/{name}/sheets"): (
        SheetsBody,
        {"sheet": "avery-l7163", "labels": [{"serial": "SN-000123"}], "start": 5},
    ),
    ("put", "/v1/templates/{name}/draft"): (
        LabelDraftBody,
        {"name": "bin", "size": {"width": 50000, "height": 25000}, "elements": []},
    ),
    ("post", "/v1/templates/{name}/publish"): (PublishBody, {"note": "larger serial"}),
    ("post", "/v1/templates/{name}/back"): (BackBody, {"number": 3, "note": "scans better"}),
    ("post", "/v1/templates/{name}/reject"): (RejectBody, {"reason": "the logo is too small"}),
    ("put", "/v1/scanners/{name}"): (
        ScannerBody,
        {"url": "serial:///dev/ttyACM0", "options": {"suffix": "cr"}, "station": "dock"},
    ),
    ("post", "/v1/scanners/teach"): (TeachBody, {"seconds": 30}),
    ("post", "/v1/scanners/{name}/scan"): (VirtualScanBody, {"code": "SN-000123"}),
    ("put", "/v1/stations/{name}"): (
        StationBody,
        {"title": "Dock, left", "location": "MAIN", "printer": "zebra", "modes": ["receive"]},
    ),
    ("post", "/v1/stations/{name}/print-sheet"): (CommandSheetBody, {"printer": "zebra"}),
    ("post", "/v1/pair"): (PairBody, {"code": "1234 5678"}),
    ("put", "/v1/webhooks/{name}"): (
        WebhookBody,
        {"url": "https://erp.example/hooks", "kinds": ["scan", "serial"], "stations": ["dock"]},
    ),
    ("post", "/v1/keys"): (KeyBody, {"name": "erp", "scopes": ["read", "print"]}),
    ("put", "/v1/settings/{name}"): (SettingBody, {"value": "closed"}),
}
"""(method, path) -> what its body looks like, and an example."""

ACCEPTED = {
    "id": "J12",
    "state": "queued",
    "labels": 1,
    "printer": "zebra",
    "links": {"self": "/v1/jobs/J12", "labels": "/v1/jobs/J12/labels"},
}

REFUSED = {
    "type": "/problems/unknown-printer",
    "title": "There is no such printer",
    "status": 404,
    "detail": "There is no printer 'zebr'; did you mean 'zebra'?",
    "facts": {"printer": "zebr"},
}
