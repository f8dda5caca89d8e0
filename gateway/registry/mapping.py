r"""Which column of somebody's table is which of ours: guessed by its name, then said by a person.

    header ──guess──► {our column: theirs} ──a person──► rename ──► rows as an import reads them

>>> guess("items", ["Artikel-Nr.", "Bezeichnung", "Lagerplatz"])
{'sku': 'Artikel-Nr.', 'name': 'Bezeichnung'}
>>> from gateway.registry.tables import read_table
>>> table = read_table(b"Artikel-Nr.;Menge\nDRILL;3\n")
>>> rename("stock", table, {"item": "Artikel-Nr.", "quantity": "Menge"}, {"location": "HALL"})
[Row(number=2, values={'item': 'DRILL', 'quantity': '3', 'location': 'HALL'})]
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from gateway.errors import InputRefused
from gateway.registry.fields import Field
from gateway.registry.imports import COLUMNS, What, check_columns
from gateway.registry.tables import Row, Table

CUSTOM = "fields."
"""What the name of a custom field's column begins with."""

_SHARED: Mapping[str, str] = {
    "external_id": "external id|internal id|record id|erp id|foreign key|externe id|fremdschlüssel|"
    "datensatz id|id externo|identificador|guid|uuid|id",
    "name": "name|title|description|display name|item name|product name|full name|label|"
    "bezeichnung|beschreibung|artikelbezeichnung|artikelname|benennung|kurztext|materialkurztext|"
    "nombre|descripción|descripcion|denominación|articulo descripcion|company|company name|firma|"
    "firmenname|razón social|customer name|supplier name|vendor name|maktx",
    "active": "active|enabled|is active|aktiv|activo|activa|status active",
    "gln": "gln|global location number|iln",
    "kind": "kind|type|art|typ|tipo|category|class|clase|kategorie",
    "barcode": "barcode|bar code|strichcode|código de barras",
    "parent": "parent|parent location|inside|is in|übergeordnet|gehört zu|padre|ubicación padre|"
    "warehouse|lager|almacén",
}

_SKU = (
    "sku|item|item code|item number|item no|item id|item name number|part number|part no|part|pn|"
    "product code|product id|product number|product|stock code|article number|article|material|"
    "material number|matnr|default code|internal reference|reference|ref|variant sku|"
    "artikel|artikelnummer|artikel nr|artikelnr|art nr|artnr|teilenummer|sachnummer|produktnummer|"
    "materialnummer|código|codigo|código de artículo|código artículo|artículo|referencia|clave|"
    "número de artículo|code"
)
_PLACE = (
    "location|location code|bin|bin location|bin number|warehouse|storage location|storage bin|"
    "shelf|stock location|site|store|lagerort|lagerplatz|lager|platz|standort|lgort|lgpla|regal|"
    "ubicación|ubicacion|almacén|almacen|estante|posición|depósito|bay"
)
_QUANTITY = (
    "quantity|qty|on hand|qty on hand|quantity on hand|stock|count|pieces|pcs|ordered|qty ordered|"
    "order quantity|actual qty|menge|anzahl|bestand|stück|stückzahl|bestellmenge|cantidad|cant|"
    "existencias|existencia|unidades|menge bestellt"
)
_UNIT = (
    "unit|uom|unit of measure|stock uom|base unit|einheit|mengeneinheit|me|meins|unidad|"
    "unidad de medida|udm"
)
_COST = (
    "cost|unit cost|purchase price|einstandspreis|einkaufspreis|ek|ek preis|costo|coste|"
    "costo unitario"
)
_PRICE = "price|unit price|sales price|rate|preis|einzelpreis|vk|vk preis|precio|precio unitario"
_CURRENCY = "currency|currency code|währung|waehrung|moneda|divisa|curr"
_MEMO = "memo|note|notes|comment|comments|remark|notiz|bemerkung|kommentar|nota|notas|observaciones"

_OTHERS: Mapping[What, Mapping[str, str]] = {
    "items": {
        "sku": _SKU,
        "kind": "kind|type|item type|artikelart|artikeltyp|tipo|tipo de artículo|product type",
        "tracking": "tracking|tracked by|tracking type|trace|serialized|serialised|"
        "serialnummernpflicht|verfolgung|seguimiento|trazabilidad",
        "gtin": "gtin|ean|ean13|ean 13|upc|gtin 13|gtin 14|ean code|ean upc|código ean",
        "barcodes": "barcodes|barcode|bar code|strichcode|strichcodes|código de barras|"
        "códigos de barras|alias|aliases",
        "unit": _UNIT,
        "units": "units|conversions|packs|pack sizes|gebinde|umrechnung|conversiones",
        "next_serial": "next serial|next serial number|next serial no|nächste seriennummer|"
        "siguiente serie|serial no series",
        "mask": "mask|serial mask|serial format|maske|máscara",
        "reorder_point": "reorder point|reorder level|min stock|minimum stock|min qty|minimum|"
        "meldebestand|mindestbestand|punto de pedido|stock mínimo|stock minimo|mínimo",
        "warranty_in": "warranty in|supplier warranty|vendor warranty|lieferantengarantie",
        "warranty_out": "warranty out|warranty|customer warranty|warranty period|garantie|"
        "garantiezeit|garantía|gewährleistung",
        "service_every": "service every|service interval|maintenance interval|wartungsintervall|"
        "intervalo de servicio",
        "tax_code": "tax code|tax|tax class|vat code|steuerschlüssel|steuercode|mwst|"
        "código de impuesto|impuesto",
        "variant_of": "variant of|template|parent item|parent sku|variante von|variante de",
        "members": "members|components|kit members|bestandteile|komponenten|componentes",
    },
    "locations": {
        "code": "code|location|location code|location name|bin|bin code|bin number|storage bin|"
        "lagerplatz|lagerort|platz|ubicación|ubicacion|código|codigo|lgpla|lgort|bay",
        "parent": _SHARED["parent"],
        "barcode": _SHARED["barcode"],
    },
    "parties": {
        "code": "code|number|customer number|customer no|customer id|supplier number|supplier id|"
        "vendor number|vendor id|account number|account|kundennummer|kunden nr|kundennr|"
        "lieferantennummer|lieferanten nr|debitor|kreditor|kunnr|lifnr|código|codigo|"
        "código de cliente|número de cliente|número de proveedor|entity id",
        "kind": "kind|type|role|art|rolle|tipo|party type",
    },
    "stock": {
        "item": _SKU,
        "location": _PLACE,
        "serial": "serial|serial number|serial no|serial numbers|serial lot number|s n|sn|"
        "seriennummer|serien nr|seriennr|serialnummer|sernr|número de serie|numero de serie|"
        "n de serie|serie|asset tag|imei",
        "lot": "lot|lot number|lot no|batch|batch number|batch no|charge|chargennummer|charg|"
        "los|losnummer|lote|número de lote",
        "quantity": _QUANTITY,
        "unit": _UNIT,
        "cost": _COST,
        "currency": _CURRENCY,
        "expires_on": "expires on|expires|expiry|expiry date|expiration date|best before|mhd|"
        "verfallsdatum|haltbar bis|caducidad|fecha de caducidad|vencimiento|shelf life expiration",
        "memo": _MEMO,
    },
    "orders": {
        "type": "type|document type|order type|belegart|dokumentart|tipo|tipo de documento",
        "number": "number|order|order number|order no|document number|po number|so number|"
        "po|so|sales order|purchase order|tran id|belegnummer|bestellnummer|bestell nr|"
        "auftragsnummer|auftrags nr|auftrag|bestellung|ebeln|vbeln|pedido|número de pedido|"
        "numero de pedido|n de pedido|orden",
        "party": "party|customer|supplier|vendor|customer code|supplier code|entity|kunde|"
        "lieferant|kundennummer|lieferantennummer|cliente|proveedor|kunnr|lifnr",
        "item": _SKU,
        "quantity": _QUANTITY,
        "unit": _UNIT,
        "price": _PRICE,
        "cost": _COST,
        "currency": _CURRENCY,
        "due_on": "due on|due|due date|delivery date|ship date|required by|expected|liefertermin|"
        "lieferdatum|wunschtermin|fecha de entrega|fecha prevista|entrega",
        "location": _PLACE,
        "line": "line|line number|line no|position|pos|posnr|ebelp|línea|linea|posición",
        "line_id": "line id|line external id|positions id",
        "external_ref": "external ref|external reference|their reference|your reference|"
        "customer po|ihre referenz|kundenreferenz|referencia externa|su referencia",
        "memo": _MEMO,
    },
}  # fmt: skip
"""Our column -> what it is called elsewhere: in English, German and Spanish, and in what NetSuite,
SAP, Odoo, ERPNext and Shopify export; the likeliest first."""


def plain(name: str) -> str:
    """Return a column's name without case, accents and punctuation.

    >>> plain("Artikel-Nr."), plain("Número de Serie"), plain("ItemNumber")
    ('artikel nr', 'numero de serie', 'item number')
    """
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", name.casefold())
        if not unicodedata.combining(letter)
    )
    return " ".join(re.findall(r"[^\W_]+", bare))


def names_of(what: What, column: str) -> list[str]:
    """Return what a column of ours is called, here and elsewhere, as ``plain`` writes it."""
    elsewhere = _OTHERS[what].get(column) or _SHARED.get(column, "")
    return [plain(column), *(plain(name) for name in elsewhere.split("|") if name)]


def guess(
    what: What, header: Sequence[str], custom: Iterable[Field] = ()
) -> dict[str, str]:  # fmt: skip
    """Return for our columns which of a table's they seem to be; each is used at most once.

    The nearest names go first: one that is ours, then those that are likeliest.
    """
    theirs = {plain(name): name for name in reversed(header)}
    candidates = [
        (place, order, column, name)
        for order, column in enumerate(COLUMNS[what])
        for place, name in enumerate(names_of(what, column))
        if name in theirs
    ]
    for field in custom:
        for name in (plain(f"{CUSTOM}{field.key}"), plain(field.key), plain(field.label)):
            if name and name in theirs:
                candidates.append((0, len(COLUMNS[what]), f"{CUSTOM}{field.key}", name))
    found: dict[str, str] = {}
    used: set[str] = set()
    for _, _, column, name in sorted(candidates):
        if column not in found and name not in used:
            found[column] = theirs[name]
            used.add(name)
    order = [*COLUMNS[what], *sorted(column for column in found if column.startswith(CUSTOM))]
    return {column: found[column] for column in order if column in found}


_LABEL_FIELDS: Mapping[str, tuple[What, str]] = {
    "serial": ("stock", "serial"), "item": ("stock", "item"), "name": ("items", "name"),
    "gtin": ("items", "gtin"), "lot": ("stock", "lot"), "location": ("stock", "location"),
    "quantity": ("stock", "quantity"), "unit": ("stock", "unit"), "memo": ("stock", "memo"),
    "note": ("stock", "memo"), "expires": ("stock", "expires_on"), "party": ("orders", "party"),
    "customer": ("orders", "party"), "supplier": ("orders", "party"), "order": ("orders", "number"),
}  # fmt: skip
"""A label's field of that name -> the column that is called likewise elsewhere."""


def guess_fields(
    fields: Iterable[tuple[str, str]], header: Sequence[str]
) -> dict[str, str]:  # fmt: skip
    """Return for a label's fields, (name, title) each, which of a table's columns they seem to be.

    >>> guess_fields([("serial", "Serial number"), ("qr", "")], ["Artikel", "Seriennummer"])
    {'serial': 'Seriennummer'}
    """
    theirs = {plain(name): name for name in reversed(header)}
    candidates: list[tuple[int, int, str, str]] = []
    for order, (name, title) in enumerate(fields):
        called = [plain(name), plain(title)]
        if name in _LABEL_FIELDS:
            called += names_of(*_LABEL_FIELDS[name])
        candidates += [
            (place, order, name, one)
            for place, one in enumerate(called) if one and one in theirs
        ]  # fmt: skip
    found: dict[str, str] = {}
    used: set[str] = set()
    for _, _, name, one in sorted(candidates):
        if name not in found and one not in used:
            found[name] = theirs[one]
            used.add(one)
    return found


def rename(
    what: What, table: Table, columns: Mapping[str, str], values: Mapping[str, str]
) -> list[Row]:
    """Return the rows of a table under our names.

    Args:
        what: The kind of table.
        table: As it was read.
        columns: Our column -> the table's; what is not named is left out.
        values: Our column -> what it is in each row that says nothing else.

    Raises:
        InputRefused: a column is unknown, stands for two things, or a needed one is missing.
    """
    for ours, theirs in columns.items():
        if theirs not in table.header:
            raise InputRefused(
                f"The table has no column {theirs[:80]!r}; it has "
                f"{', '.join(map(repr, table.header[:20]))}.",
                key=ours,
            )
    names = [*columns, *(name for name in values if name not in columns)]
    check_columns(what, names)
    pairs = list(columns.items())
    rows = []
    for row in table.rows:
        cells = {ours: row.values[theirs] for ours, theirs in pairs}
        for name, value in values.items():
            if not cells.get(name):
                cells[name] = value
        rows.append(Row(row.number, cells))
    return rows
