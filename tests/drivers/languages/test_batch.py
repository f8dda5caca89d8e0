"""What all labels of a job share is sent once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.drivers.languages.batch import hold_common
from gateway.drivers.languages.zpl import encode
from gateway.drivers.models import find_model
from gateway.label import Label, draw
from gateway.templates.binding import Moment
from gateway.templates.builtin import builtin_templates
from gateway.templates.layout import Head, compile_template
from gateway.units import parse_density
from tests.drivers.languages.judging import Judge

EIGHT = parse_density(8)


def job(count: int) -> list[Label]:
    """Return the labels of a job of the built-in serial label: only the serial varies."""
    design = compile_template(builtin_templates()["serial-label"], Head(EIGHT, 832), None)
    moment = Moment(datetime(2026, 1, 1, tzinfo=UTC), UTC)
    same = {"item": "HT-9000", "name": "Hand torque wrench 9 Nm"}
    return [
        design.lay_out(design.bind({"serial": f"SN-{number:06}", **same}, moment, {}))
        for number in range(count)
    ]


def test_what_two_labels_share_is_fixed_and_the_rest_is_not() -> None:
    one, two = job(2)
    held = hold_common(two, one)
    assert {element.id for element in held.elements if element.fixed} == {"name", "item", "rule"}
    assert draw(held) == draw(two)


def test_a_label_that_shares_nothing_stays_as_it_is() -> None:
    one = job(1)[0]
    assert hold_common(one, Label(one.width, one.height, one.density, ())) is one


@pytest.mark.promise("exact")
def test_an_exact_batch_of_the_serial_label_takes_at_most_1200_bytes_a_label(
    judge: Judge,
) -> None:
    labels = job(40)
    model = find_model("virtual", "zpl", EIGHT)
    first = encode(labels[0], "exact", model)
    assert first.needs == ()
    pages = [encode(hold_common(label, labels[0]), "exact", model) for label in labels[1:]]
    assert len({stored.name for page in pages for stored in page.needs}) == 1
    assert max(len(page.body) for page in pages) <= 1200
    printed = judge.print_pages(pages)
    assert [piece.tile for piece in printed] == [draw(label) for label in labels[1:]]


@pytest.mark.goal("W1")
def test_a_native_batch_of_the_serial_label_takes_four_tenths_of_full_zpl(judge: Judge) -> None:
    labels = job(40)
    model = find_model("virtual", "zpl", EIGHT)
    pages = [encode(hold_common(label, labels[0]), "native", model) for label in labels[1:]]
    full = [encode(label, "native", replace(model, keeps=False)) for label in labels[1:]]
    assert sum(len(page.body) for page in pages) <= 0.4 * sum(len(page.body) for page in full)
    printed = judge.print_pages(pages)
    assert [[code.text for code in piece.codes] for piece in printed] == [
        [f"SN-{number:06}"] for number in range(1, 40)
    ]
