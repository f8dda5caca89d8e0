"""Everything that can go wrong, in one tree: whose fault, and is it safe to try again?

    GatewayError
    ├── Refused                 the caller's input; a different input helps
    │   ├── Unreadable              bytes that do not parse                            400
    │   ├── InputRefused            well formed, and refused                           422
    │   │   ├── UnitRefused             a length or density
    │   │   ├── TemplateRefused         the template document
    │   │   ├── FieldRefused            a value for a field of the template
    │   │   ├── ExpressionRefused       an expression in a template
    │   │   ├── GlyphMissing            no font has that character
    │   │   ├── TextDoesNotFit          the text is larger than its place
    │   │   ├── CodeRefused             the symbology cannot carry it, or wrong check digit
    │   │   ├── NotScannable            modules too narrow, no quiet zone
    │   │   ├── OffTheLabel             runs off the stock
    │   │   ├── DocumentRefused         a PDF or picture
    │   │   ├── RawRefused              raw printer commands
    │   │   ├── PrinterRefused          printer settings (URL, language, media)
    │   │   ├── ScannerRefused          scanner settings (URL, how it writes)
    │   │   ├── ReplayDiffers           idempotency key used before with other content
    │   │   └── Several                 many of these at once, in ``items``
    │   ├── Unknown                 no such thing                                      404
    │   │   └── UnknownPrinter, UnknownTemplate, UnknownJob, UnknownLabel, UnknownAsset, UnknownKey,
    │   │       UnknownScanner, UnknownStation, UnknownWebhook
    │   ├── NotNow                  the state forbids it                               409
    │   │   └── TransitionRefused, NameTaken, StillRunning, InUse
    │   ├── RegistryRefused         the registry's own table: ``gateway.registry.refusals``
    │   ├── Stale                   changed by somebody else meanwhile                 412
    │   └── TooLarge                over a limit of size                               413
    ├── NotAllowed              who is asking
    │   ├── NotAuthenticated                                                           401
    │   ├── NotPermitted            the key lacks a scope, or a foreign page asks      403
    │   └── WrongHost               Host is not one of ours                            421
    ├── Exhausted               try again later, unchanged
    │   ├── TooMany                 a queue or a limit is full                         429
    │   └── DiskFull                no room to promise anything                        507
    ├── DeviceError             the hardware or its cable                              503
    │   ├── DeviceUnreachable       never opened, nothing was sent: safe to retry
    │   ├── DeviceBusy              somebody else holds it; nothing was sent
    │   ├── DeviceLost              a scanner that was open has gone
    │   └── DeliveryUncertain       some bytes left: only evidence or a person decides
    ├── StoreError              the database; DiskFull is one too                      503
    │   └── Moved                   the gateway works on another computer now
    └── SettingsRefused         the configuration; the process does not start          exit 2

The HTTP status lives in ``gateway.api.problems``: the core does not know HTTP. A message is one
sentence for people: what, the value, expected, got, the cure. ``facts`` are for programs.
"""

from __future__ import annotations

from collections.abc import Iterable


class GatewayError(Exception):
    """Base class: ``detail`` is one sentence for people, ``facts`` are for programs."""

    title = "The gateway could not do that"

    def __init__(self, detail: str, **facts: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class Refused(GatewayError):
    title = "The request was refused"


class Unreadable(Refused):
    title = "The request could not be read"


class InputRefused(Refused):
    title = "The input was refused"


class UnitRefused(InputRefused):
    title = "That is not a length or density"


class TemplateRefused(InputRefused):
    title = "The template is not valid"


class FieldRefused(InputRefused):
    title = "A field of the label was refused"


class ExpressionRefused(InputRefused):
    title = "An expression in the template is not valid"


class GlyphMissing(InputRefused):
    title = "No font has that character"


class TextDoesNotFit(InputRefused):
    title = "The text does not fit its place"


class CodeRefused(InputRefused):
    title = "The barcode cannot carry that"


class NotScannable(InputRefused):
    title = "The barcode could not be scanned"


class OffTheLabel(InputRefused):
    title = "Something runs off the label"


class DocumentRefused(InputRefused):
    title = "The document cannot be printed"


class RawRefused(InputRefused):
    title = "The printer commands were refused"


class PrinterRefused(InputRefused):
    title = "The printer settings were refused"


class ScannerRefused(InputRefused):
    title = "The scanner settings were refused"


class ReplayDiffers(InputRefused):
    title = "The idempotency key was used for something else"


class Several(InputRefused):
    """Several refusals at once; ``items`` holds the first of them with where each happened.

    >>> str(Several([(3, FieldRefused("Field 'serial' is missing."))], of=10))
    "1 of 10 labels was refused; the first, label 3: Field 'serial' is missing."
    """

    title = "Some labels were refused"

    def __init__(
        self, items: Iterable[tuple[int, GatewayError]], *, of: int, refused: int | None = None
    ) -> None:
        self.items = tuple(items)
        refused = len(self.items) if refused is None else refused
        number, first = self.items[0]
        verb = "was" if refused == 1 else "were"
        super().__init__(
            f"{refused} of {of} labels {verb} refused; the first, label {number}: {first.detail}",
            refused=refused,
            labels=of,
        )


class Unknown(Refused):
    title = "There is no such thing"


class UnknownPrinter(Unknown):
    title = "There is no such printer"


class UnknownTemplate(Unknown):
    title = "There is no such template"


class UnknownJob(Unknown):
    title = "There is no such job"


class UnknownLabel(Unknown):
    title = "There is no such label"


class UnknownAsset(Unknown):
    title = "There is no such font or picture"


class UnknownKey(Unknown):
    title = "There is no such key"


class UnknownScanner(Unknown):
    title = "There is no such scanner"


class UnknownStation(Unknown):
    title = "There is no such station"


class UnknownWebhook(Unknown):
    title = "There is no such webhook"


class NotNow(Refused):
    title = "That is not possible in this state"


class TransitionRefused(NotNow):
    title = "That step is not allowed from here"


class NameTaken(NotNow):
    title = "The name is taken"


class StillRunning(NotNow):
    title = "The same request is still being answered"


class InUse(NotNow):
    title = "It is still in use"


class Stale(Refused):
    title = "It was changed meanwhile"


class TooLarge(Refused):
    title = "That is too large"


class NotAllowed(GatewayError):
    title = "That is not allowed"


class NotAuthenticated(NotAllowed):
    title = "A key is needed"


class NotPermitted(NotAllowed):
    title = "The key does not allow that"


class WrongHost(NotAllowed):
    title = "The request names a host that is not this gateway"


class Exhausted(GatewayError):
    title = "The gateway is at a limit"


class TooMany(Exhausted):
    title = "Too many at once"


class StoreError(GatewayError):
    title = "The database could not do that"


class Moved(StoreError):
    """The gateway was moved to another computer, and this one is fenced off."""

    title = "This gateway was moved to another computer"


class DiskFull(Exhausted, StoreError):
    """There is no room to promise anything, nor to write down what happened."""

    title = "The disk is full"


class DeviceError(GatewayError):
    title = "The device did not respond"


class DeviceUnreachable(DeviceError):
    """Nothing was sent. Retrying cannot print twice."""

    title = "The device cannot be reached"


class DeviceBusy(DeviceError):
    """Somebody else holds the device. Nothing was sent."""

    title = "The device is in use by somebody else"


class DeviceLost(DeviceError):
    """It was open and has gone: its cable, its power or its radio. What it had not finished
    saying was never acted on."""

    title = "The device has gone"


class DeliveryUncertain(DeviceError):
    """Some bytes left this machine. Only evidence or a person may decide to reprint."""

    title = "The connection broke while printing"


class SettingsRefused(GatewayError):
    title = "The settings are not valid"
