"""The quick look at plain documents says what the slow one says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.languages import zpl_raw
from gateway.drivers.languages.page import RawPiece
from gateway.drivers.languages.zpl_raw import split_raw
from gateway.errors import RawRefused

COMMANDS = [
    "^XA",
    "^XZ",
    "^FO10,20",
    "^FDtext",
    "^FD",
    "^FS",
    "^A0N,30,30",
    "^A@N,30",
    "^GB10,10,1",
    "^GFA,2,2,1,FFFF",
    "^GFB,2,2,1,ab",
    "^GFB,2,2,1,ab ^gfa,1,1,1,FF",
    "^PQ2",
    "^PQ1",
    "^SN001,1,Y",
    "^DFR:X.ZPL",
    "^XFR:X.ZPL",
    "^CC^",
    "^CT~",
    "~SD15",
    "~JA",
    "^JUS",
    "^^",
    "~~",
    "\x02",
    "\x03",
    "!",
    "U1",
    "^BY2",
    "^BCN,100",
    "^fdlow",
    "^FT1,1",
    "^FN1",
    "^LL400",
    "^XX",
    "^ID^FS",
    "x",
    "\n",
]
documents = st.lists(st.sampled_from(COMMANDS), max_size=12).map("".join) | st.lists(
    st.sampled_from(COMMANDS[2:8]), max_size=8
).map(lambda inside: f"^XA{''.join(inside)}^XZ")


def _outcome(document: bytes) -> tuple[RawPiece, ...] | str:
    try:
        return split_raw(document)
    except RawRefused as refused:
        return refused.detail


@given(documents)
def test_a_document_comes_out_the_same_with_and_without_the_quick_look(text: str) -> None:
    document = text.encode("latin-1")
    quick = _outcome(document)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zpl_raw, "_split_plain", lambda document: None)
        assert quick == _outcome(document)


def test_a_plain_label_is_taken_by_the_quick_look_without_the_space_around_it() -> None:
    assert zpl_raw._split_plain(b"\r\n^XA^FO1,1^A0N,30^FDBox ! U1^FS^XZ\n") == (
        RawPiece(b"^XA^FO1,1^A0N,30^FDBox ! U1^FS^XZ", counted=True),
    )


@pytest.mark.threat("T9")
@pytest.mark.parametrize(
    "inside", ["~JA", "^JUS", "^PQ9", "^GFB,1,1,1,a", "\x03", "^IDR:X", "^^FD"]
)
def test_what_is_not_plain_is_left_to_the_slow_look(inside: str) -> None:
    document = f"^XA^FO1,1^FDBox^FS{inside}^XZ".encode("latin-1")
    assert zpl_raw._split_plain(document) is None
