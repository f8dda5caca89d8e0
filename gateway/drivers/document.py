"""Documents as labels: a PDF or a picture in, the dots of one page out.

    bytes ──inspect_document──► what it is, how many pages (nothing drawn)
          ──check_pages───────► nothing, or why a page cannot be on the label
          ──draw_page─────────► Tile, as large as the label

Carriers send these. A page is placed on the label by ``Placing``; dark enough is ink.

>>> from gateway.drivers.languages.png import png
>>> inspect_document(png(Tile(8, 1, b"\\x81")))
Inspected(kind='picture', pages=1)
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from gateway.errors import DocumentRefused, TooLarge
from gateway.label import Rotation, Tile
from gateway.units import Density

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_BYTES = 10_000_000
MOST_PAGES = 1_000
MOST_PIXELS = 20_000_000

Fit = Literal["none", "contain", "cover", "stretch"]
"""``none``: at its own size (a PDF's millimetres, a picture's pixels as dots), from the top left.
``contain``: as large as fits, in the middle. ``cover``: fills the label, the rest is cut off.
``stretch``: fills the label, out of shape if need be."""

Shades = Literal["threshold", "dither"]
"""How grey becomes dots: by a limit (text, codes), or scattered (photographs)."""


@dataclass(frozen=True, slots=True)
class Placing:
    """How a page lies on the label."""

    fit: Fit = "contain"
    rotation: Rotation = 0
    """Degrees the page is turned clockwise before it is fitted."""
    shades: Shades = "threshold"
    limit: int = 128
    """Of 256 greys from black: darker than this is ink."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a document is."""

    kind: Literal["pdf", "picture"]
    pages: int


_pdfium = threading.Lock()
"""pdfium keeps global state and may be used by one thread at a time (its own documentation)."""

_PICTURES = ("PNG", "JPEG", "BMP", "GIF", "WEBP")


def inspect_document(content: bytes) -> Inspected:
    """Return what the document is, without drawing it.

    Raises:
        TooLarge: more than ``MOST_BYTES``.
        DocumentRefused: it is nothing that can be printed, damaged, locked, empty, or over the
            limits of pages and pixels.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge(
            f"The document has {len(content)} bytes and at most {MOST_BYTES} are taken; send fewer "
            "pages, or smaller pictures.",
            bytes=len(content),
        )
    if _is_pdf(content):
        with _pdf(content) as pdf:
            pages = len(pdf)
        if not 1 <= pages <= MOST_PAGES:
            raise DocumentRefused(
                f"The PDF has {pages} pages, and 1 to {MOST_PAGES} can be printed at once; send it "
                "in parts.",
                pages=pages,
            )
        return Inspected("pdf", pages)
    with _picture(content):
        return Inspected("picture", 1)


def check_pages(
    content: bytes,
    pages: Iterable[int],
    width: int,
    height: int,
    density: Density,
    placing: Placing,
) -> None:
    """Check that these pages (the first is 1) can be on a label of width × height dots.

    A picture is read to its end; the pages of a PDF are opened and measured, not drawn.

    Raises:
        DocumentRefused: a page or the picture is damaged, or too large at its own size.
    """
    if _is_pdf(content):
        with _pdf(content) as pdf:
            for page in pages:
                with _page(pdf, page - 1) as opened:
                    _page_scales(opened, page - 1, width, height, density, placing)
        return
    with _picture(content) as picture:
        try:
            picture.load()
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise _damaged() from error
        size = picture.size[::-1] if placing.rotation in (90, 270) else picture.size
    _picture_size(size, width, height, placing)


def draw_page(
    content: bytes,
    page: int,
    width: int,
    height: int,
    density: Density,
    placing: Placing | None = None,
) -> Tile:
    """Return page ``page`` (the first is 1) as a tile of width × height dots.

    Raises:
        TooLarge: more than ``MOST_BYTES``.
        DocumentRefused: as ``inspect_document``; or there is no such page, or at its own size it
            is larger than the label.
    """
    placing = placing or Placing()
    inspected = inspect_document(content)
    if not 1 <= page <= inspected.pages:
        raise DocumentRefused(
            f"The document has no page {page}; its pages are 1 to {inspected.pages}.", page=page
        )
    if inspected.kind == "pdf":
        with _pdf(content) as pdf:
            grey = _render(pdf, page - 1, width, height, density, placing)
    else:
        with _picture(content) as opened:
            grey = _place_picture(_flatten(opened), width, height, placing)
    return _to_tile(grey, width, height, placing)


def _is_pdf(content: bytes) -> bool:
    # Readers accept the header anywhere in the first 1024 bytes (ISO 32000-1, annex H.3.4.1).
    return b"%PDF-" in content[:1024]


# --- PDF ---------------------------------------------------------------------------------------


@contextmanager
def _pdf(content: bytes) -> Iterator[Any]:
    import pypdfium2

    with _pdfium:
        try:
            pdf = pypdfium2.PdfDocument(content)  # type: ignore[no-untyped-call]
        except pypdfium2.PdfiumError as error:
            locked = "assword" in str(error)
            raise DocumentRefused(
                "The PDF is locked with a password; send it without."
                if locked
                else "The PDF is damaged and cannot be opened; save it anew and send that.",
                reason="locked" if locked else "damaged",
            ) from error
        try:
            yield pdf
        finally:
            pdf.close()  # type: ignore[no-untyped-call]


@contextmanager
def _page(pdf: Any, index: int) -> Iterator[Any]:
    import pypdfium2

    try:
        page = pdf[index]
    except pypdfium2.PdfiumError as error:
        raise DocumentRefused(
            f"Page {index + 1} of the PDF is damaged; save the document anew and send that.",
            page=index + 1,
        ) from error
    try:
        yield page
    finally:
        page.close()


def _page_scales(
    page: Any, index: int, width: int, height: int, density: Density, placing: Placing
) -> tuple[float, float]:
    """Return how much larger an opened page gets across and down; refuse one that cannot."""
    points = page.get_size()
    if placing.rotation in (90, 270):
        points = points[::-1]
    # A point is 1/72 inch.
    own = tuple(max(1e-6, side * 25.4 / 72 * float(density)) for side in points)
    across, down = _scales(own, width, height, placing)
    if placing.fit == "none":
        _refuse_larger(own, width, height, density)
    scale = max(across, down)
    if own[0] * scale * own[1] * scale > MOST_PIXELS:
        raise DocumentRefused(
            f"Page {index + 1} of the PDF would be drawn with more than {MOST_PIXELS} dots; "
            'use the fit "contain".',
            page=index + 1,
        )
    return across, down


def _render(
    pdf: Any, index: int, width: int, height: int, density: Density, placing: Placing
) -> Image:
    with _page(pdf, index) as page:
        across, down = _page_scales(page, index, width, height, density, placing)
        rendered: Image = page.render(
            scale=max(across, down) * 25.4 / 72 * float(density),
            rotation=placing.rotation,
            grayscale=True,
        ).to_pil()
    if across != down:
        rendered = rendered.resize((width, height))
    return rendered.convert("L")


def _scales(
    own: tuple[float, ...], width: int, height: int, placing: Placing
) -> tuple[float, float]:
    """Return how much larger the page gets across and down."""
    if abs(own[0] - width) < 0.5 and abs(own[1] - height) < 0.5:
        return 1.0, 1.0  # it has the label's size: scaling by a hair would blur every edge
    across, down = width / own[0], height / own[1]
    match placing.fit:
        case "none":
            return 1.0, 1.0
        case "contain":
            return min(across, down), min(across, down)
        case "cover":
            return max(across, down), max(across, down)
        case "stretch":
            return across, down


def _refuse_larger(own: tuple[float, ...], width: int, height: int, density: Density) -> None:
    # Half a dot over comes from millimetres that are no whole dots.
    if own[0] > width + 0.5 or own[1] > height + 0.5:
        sides = [f"{float(side / density):.4g}" for side in (*own, width, height)]
        raise DocumentRefused(
            f"The page is {sides[0]} × {sides[1]} mm and the label {sides[2]} × {sides[3]} mm; use "
            'the fit "contain", or larger labels.',
            page_dots=[round(side) for side in own],
        )


# --- pictures ----------------------------------------------------------------------------------


@contextmanager
def _picture(content: bytes) -> Iterator[Image]:
    from PIL import Image, UnidentifiedImageError

    # Pillow's own limit is a warning on the console; ours below is a refusal, before any decoding.
    Image.MAX_IMAGE_PIXELS = None
    try:
        opened = Image.open(io.BytesIO(content), formats=_PICTURES)
    except UnidentifiedImageError as error:
        raise DocumentRefused(
            "The document is neither a PDF nor a PNG, JPEG, BMP, GIF or WebP picture; send one of "
            "these, or ZPL as raw.",
        ) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise _damaged() from error
    with opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise DocumentRefused(
                f"The picture has {opened.width} × {opened.height} pixels, more than "
                f"{MOST_PIXELS}; make it smaller: a label rarely has more than 8,000,000 dots.",
                width=opened.width,
                height=opened.height,
            )
        yield opened


def _damaged() -> DocumentRefused:
    return DocumentRefused("The picture is damaged; save it anew and send that.")


def _flatten(opened: Image) -> Image:
    """Return the picture in greys, what is transparent being paper."""
    from PIL import Image

    try:
        if opened.mode in ("1", "L"):
            return opened.convert("L")
        solid = opened.convert("RGBA")
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise _damaged() from error
    paper = Image.new("RGBA", solid.size, "white")
    return Image.alpha_composite(paper, solid).convert("L")


def _picture_size(
    own: tuple[int, int], width: int, height: int, placing: Placing
) -> tuple[int, int]:
    """Return the dots that a picture of so many pixels takes, already turned, or refuse it."""
    if placing.fit == "none":
        if own[0] > width or own[1] > height:
            raise DocumentRefused(
                f"The picture has {own[0]} × {own[1]} pixels and the label {width} × "
                f'{height} dots; use the fit "contain", or larger labels.',
                page_dots=list(own),
            )
        return own
    across, down = _scales((float(own[0]), float(own[1])), width, height, placing)
    size = (max(1, round(own[0] * across)), max(1, round(own[1] * down)))
    if size[0] * size[1] > MOST_PIXELS:
        raise DocumentRefused(
            f'The picture would be drawn with more than {MOST_PIXELS} dots; use the fit "contain".',
        )
    return size


def _place_picture(grey: Image, width: int, height: int, placing: Placing) -> Image:
    from PIL import Image

    if placing.rotation:
        # Image.rotate turns the other way.
        grey = grey.rotate(-placing.rotation, expand=True)
    size = _picture_size(grey.size, width, height, placing)
    if size == grey.size:
        return grey
    whole = size[0] % grey.width == 0 and size[1] % grey.height == 0
    # Whole multiples keep the edges of codes; other sizes need the greys between.
    how = Image.Resampling.NEAREST if whole else Image.Resampling.LANCZOS
    return grey.resize(size, how)


# --- dots --------------------------------------------------------------------------------------


def _to_tile(grey: Image, width: int, height: int, placing: Placing) -> Tile:
    """Return the greys as dots on the label: in the middle, or from the top left at own size."""
    from PIL import Image

    sheet = Image.new("L", (width, height), 255)
    place = (0, 0)
    if placing.fit != "none":
        place = (int((width - grey.width) / 2), int((height - grey.height) / 2))
    sheet.paste(grey, place)
    if placing.shades == "dither":
        ink = sheet.convert("1").point(lambda light: 255 - light)
    else:
        table = [255] * placing.limit + [0] * (256 - placing.limit)
        ink = sheet.point(table).convert("1", dither=Image.Dither.NONE)
    # 1 is ink now, and Pillow fills the last byte of a row with zeros.
    return Tile(width, height, ink.tobytes())
