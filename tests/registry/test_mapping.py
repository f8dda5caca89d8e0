"""Which column is which: headings as other systems export them, in three languages."""

from __future__ import annotations

import re

import pytest

from gateway.errors import InputRefused
from gateway.registry.fields import Field
from gateway.registry.imports import COLUMNS, What
from gateway.registry.mapping import guess, names_of, plain, rename
from gateway.registry.tables import read_table


@pytest.mark.parametrize(
    ("what", "header", "expected"),
    [
        # NetSuite: saved searches of items and of inventory numbers.
        ("items", "Internal ID;Item Name/Number;Display Name;Type",
         "external_id=Internal ID sku=Item Name/Number name=Display Name kind=Type"),
        ("stock", "Item;Serial/Lot Number;Location;On Hand",
         "item=Item serial=Serial/Lot Number location=Location quantity=On Hand"),
        # SAP: tables MARA/MAKT, EQUI and EKPO.
        ("items", "MATNR;MAKTX;MEINS;EAN11", "sku=MATNR name=MAKTX unit=MEINS"),
        ("stock", "Material;Serialnummer;Lagerort;Charge",
         "item=Material serial=Serialnummer location=Lagerort lot=Charge"),
        ("orders", "EBELN;EBELP;LIFNR;MATNR;Menge",
         "number=EBELN line=EBELP party=LIFNR item=MATNR quantity=Menge"),
        # Odoo and ERPNext.
        ("items", "Internal Reference;Name;Barcode;Unit of Measure",
         "sku=Internal Reference name=Name barcodes=Barcode unit=Unit of Measure"),
        ("items", "Item Code;Item Name;Stock UOM", "sku=Item Code name=Item Name unit=Stock UOM"),
        # German and Spanish.
        ("parties", "Kundennummer;Firma;Art", "code=Kundennummer name=Firma kind=Art"),
        ("locations", "Lagerplatz;Bezeichnung;Typ;Lager",
         "code=Lagerplatz name=Bezeichnung kind=Typ parent=Lager"),
        ("items", "Código;Descripción;Código de barras;Unidad;Stock mínimo",
         "sku=Código name=Descripción barcodes=Código de barras unit=Unidad "
         "reorder_point=Stock mínimo"),
        ("stock", "Artículo;Número de serie;Almacén;Cantidad",
         "item=Artículo serial=Número de serie location=Almacén quantity=Cantidad"),
        ("orders", "Pedido;Cliente;Referencia;Cant.;Fecha de entrega",
         "number=Pedido party=Cliente item=Referencia quantity=Cant. due_on=Fecha de entrega"),
    ],
)  # fmt: skip
def test_what_other_systems_export_is_understood(what: What, header: str, expected: str) -> None:
    found = guess(what, header.split(";"))
    assert " ".join(f"{ours}={theirs}" for ours, theirs in sorted(found.items())) == " ".join(
        sorted(re.split(r" (?=[a-z_]+=)", expected))
    )


@pytest.mark.parametrize("what", COLUMNS)
def test_a_table_with_our_own_names_is_mapped_whole(what: What) -> None:
    assert guess(what, COLUMNS[what]) == {name: name for name in COLUMNS[what]}
    titled = [name.replace("_", " ").capitalize() for name in COLUMNS[what]]
    assert guess(what, titled) == dict(zip(COLUMNS[what], titled, strict=True))


def test_no_column_is_used_for_two_things() -> None:
    found = guess("items", ["Name", "Description", "Code", "SKU"])
    assert found == {"sku": "SKU", "name": "Name"}


def test_custom_fields_are_found_by_key_and_by_label() -> None:
    fields = [Field("item", "colour", "Farbe"), Field("item", "shelf_life")]
    assert guess("items", ["SKU", "Farbe", "Shelf life"], fields) == {
        "sku": "SKU", "fields.colour": "Farbe", "fields.shelf_life": "Shelf life",
    }  # fmt: skip


def test_every_name_is_written_as_it_is_compared() -> None:
    for what, columns in COLUMNS.items():
        for column in columns:
            for name in names_of(what, column):
                assert name == plain(name) != ""


def test_a_row_takes_what_it_says_before_what_holds_for_all() -> None:
    table = read_table(b"nr,ort\nA,X\nB,\n")
    rows = rename("stock", table, {"item": "nr", "location": "ort"},
                  {"location": "Z", "quantity": "1"})  # fmt: skip
    assert [dict(row.values) for row in rows] == [
        {"item": "A", "location": "X", "quantity": "1"},
        {"item": "B", "location": "Z", "quantity": "1"},
    ]
    with pytest.raises(InputRefused, match="The table has no column 'Ort'"):
        rename("stock", table, {"item": "nr", "location": "Ort"}, {"quantity": "1"})
