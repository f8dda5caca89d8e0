"""The command stream: whole, byte by byte and cut anywhere it gives the same commands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.drivers.virtual.zpl.parser import LINE, STRAY, Command, CommandStream

SAMPLE = (
    b"\x02^FO10,20^FDcontrol codes\x0f\x03"
    b"^xa^pw800^FO1,2^A0N,30,30^A@N,9,9,E:X.TTF^FH_^FD_5E~1d~d029 a,b^FS\r\n"
    b"^GFB,6,6,2,^XA~JA^GFC,3,3,1,^~\x03^GFA,4,4,1,FF00\r\nFF00^FS"
    b"^GFA,8,8,2,:B64:AAAA:0000^FS^FX note ^BXN,2,200^FD~1x^FS^XZ\r\n"
    b'~HQES~HS! U1 getvar "odometer.total_label_count"\r\n~SD15\r\n'
    b"~DGR:A.GRF,4,1,\r\nFF\r\n00FF00\r\n~JA stray ~DYR:B,B,G,4,1,^~^~^XA^CC+ +XZ+XA^FO-XZ+CC^^XZ"
)


def parse(chunks: list[bytes]) -> list[Command]:
    stream = CommandStream()
    commands = []
    for chunk in chunks:
        stream.feed(chunk)
        commands += list(stream)
    return commands


WHOLE = parse([SAMPLE])


def test_the_sample_is_cut_into_the_commands_a_person_reads_in_it() -> None:
    assert [(c.name, c.parameters) for c in WHOLE] == [
        ("^XA", b""),
        ("^FO", b"10,20"),
        ("^FD", b"control codes"),
        ("^FS", b""),
        ("^XZ", b""),
        ("^XA", b""),
        ("^PW", b"800"),
        ("^FO", b"1,2"),
        ("^A", b"0N,30,30"),
        ("^A@", b"N,9,9,E:X.TTF"),
        ("^FH", b"_"),
        ("^FD", b"_5E~1d~d029 a,b"),
        ("^FS", b""),
        ("^GF", b"B,6,6,2,^XA~JA"),
        ("^GF", b"C,3,3,1,^~\x03"),
        ("^GF", b"A,4,4,1,FF00\r\nFF00"),
        ("^FS", b""),
        ("^GF", b"A,8,8,2,:B64:AAAA:0000"),
        ("^FS", b""),
        ("^FX", b" note "),
        ("^BX", b"N,2,200"),
        ("^FD", b"~1x"),
        ("^FS", b""),
        ("^XZ", b""),
        ("~HQ", b"ES"),
        ("~HS", b""),
        (LINE, b'! U1 getvar "odometer.total_label_count"'),
        ("~SD", b"15"),
        ("~DG", b"R:A.GRF,4,1,\r\nFF\r\n00FF00\r\n"),
        ("~JA", b""),
        (STRAY, b"stray "),
        ("~DY", b"R:B,B,G,4,1,^~^~"),
        ("^XA", b""),
        ("^CC", b"+"),
        ("^XZ", b""),
        ("^XA", b""),
        (STRAY, b"^FO-XZ"),
        ("^CC", b"^"),
        ("^XZ", b""),
    ]


def test_byte_by_byte_gives_the_same_commands() -> None:
    assert parse([SAMPLE[i : i + 1] for i in range(len(SAMPLE))]) == WHOLE


@pytest.mark.parametrize("cut", range(1, len(SAMPLE)))
def test_cut_at_any_byte_gives_the_same_commands(cut: int) -> None:
    assert parse([SAMPLE[:cut], SAMPLE[cut:]]) == WHOLE


def test_a_query_comes_out_with_its_last_letter() -> None:
    assert [c.name for c in parse([b"~HS"])] == ["~HS"]
    assert [(c.name, c.parameters) for c in parse([b"~HQES"])] == [("~HQ", b"ES")]
    assert [c.name for c in parse([b"^XA^XZ"])] == ["^XA", "^XZ"]


def test_a_tilde_command_ends_the_data_it_stands_in() -> None:
    assert [str(c) for c in parse([b"^XA^FDabc~JAdef^FS"])] == [
        "^XA",
        "^FDabc",
        "~JA",
        "def",
        "^FS",
    ]


def test_the_format_is_open_from_its_first_command_to_its_last() -> None:
    stream = CommandStream()
    stream.feed(b"^XA^FO1,1^FDx")
    list(stream)
    assert stream.inside_format
    stream.feed(b"^FS^XZ")
    list(stream)
    assert not stream.inside_format


def test_a_set_line_inside_a_format_is_text_and_no_command() -> None:
    line = b'! U1 setvar "device.pause" "on"\r\n'
    assert [c.name for c in parse([b"^XA" + line + b"^XZ"])] == ["^XA", STRAY, "^XZ"]


def test_raw_bytes_that_never_come_keep_the_command_waiting() -> None:
    stream = CommandStream()
    stream.feed(b"^GFB,100,100,10,only a few")
    assert list(stream) == []
    assert stream.holds_part


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [b"^XA", b"^XZ", b"^FO1,1", b"^FD", b"~HS", b"^GFB,3,3,1,", b"~", b"^"]
            ),
            st.sampled_from(
                [b"! U1 getvar", b"\r\n", b",", b"^CC", b"^A", b"~DG", b":Z64:", b"~1"]
            ),
            st.binary(max_size=8),
        ),
        max_size=12,
    ),
    st.data(),
)
def test_any_bytes_cut_anyhow_give_the_same_commands(
    parts: list[bytes], data: st.DataObject
) -> None:
    sent = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=6)))
    chunks = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    assert parse(chunks) == parse([sent])
