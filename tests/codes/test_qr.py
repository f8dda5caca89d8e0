from __future__ import annotations

from random import Random

import pytest
import segno
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gateway.codes import qr
from gateway.errors import CodeRefused


def by_segno(text: str, level: qr.Level, mask: int | None = None) -> list[str]:
    code = segno.make(
        text, error=level.lower(), boost_error=False, micro=False, mask=mask, mode=qr.mode(text),
        version=qr.version(text, level),
    )  # fmt: skip
    return ["".join(map(str, row)) for row in code.matrix]


def segno_pads_twice(text: str, level: qr.Level) -> bool:
    """segno writes eight zero bits too many when the terminator ends on a whole byte."""
    used = qr.bits(qr.mode(text), len(text), qr.version(text, level))
    return (used + 4) % 8 == 0


def ours(text: str, level: qr.Level) -> list[str]:
    rows = qr.modules(text, level)
    return [format(row, f"0{len(rows)}b") for row in rows]


@settings(max_examples=40, deadline=None)
@given(
    st.one_of(
        st.text("0123456789", min_size=1, max_size=60),
        st.text("0123456789ABCDEFGHIJ $%*+-./:", min_size=1, max_size=60),
    ),
    st.sampled_from(["L", "M", "Q", "H"]),
)
def test_a_second_encoder_draws_the_same_symbol_under_one_of_its_masks(
    text: str, level: qr.Level
) -> None:
    assume(not segno_pads_twice(text, level))
    rows = ours(text, level)
    assert any(by_segno(text, level, mask) == rows for mask in range(8))


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(["0123456789", "0123456789ABZ $%*+-./:", "abAB01 ~{"]),
    st.integers(1, 40),
    st.sampled_from(["L", "M", "Q", "H"]),
    st.randoms(use_true_random=False),
)
def test_a_symbol_put_together_from_others_is_the_one_the_package_draws(
    letters: str, length: int, level: qr.Level, random: Random
) -> None:
    texts = ["".join(random.choices(letters, k=length)) for _ in range(30)]
    for text in texts:
        number = qr.version(text, level)
        kept = qr._drawings(qr.mode(text), length, number, level)
        assert kept.of(text) == qr._drawn(text, number, level, 0)


def test_a_batch_of_serials_needs_the_package_a_few_dozen_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = []
    honest = qr._drawn

    def count(text: str, number: int, level: qr.Level, mask: int) -> int:
        drawn.append(text)
        return honest(text, number, level, mask)

    monkeypatch.setattr(qr, "_drawn", count)
    qr._drawings.cache_clear()
    for number in range(2000):
        qr.modules(f"SN-{number:06}", "M")
    assert 1 < len(drawn) < 60


def slow_penalty(rows: list[str]) -> int:
    """ISO/IEC 18004, 7.8.3.1, module by module."""
    total, size = 0, len(rows)
    lines = rows + ["".join(row[x] for row in rows) for x in range(size)]
    for one in lines:
        run = 1
        for before, here in zip(one, one[1:] + "x", strict=True):
            if before == here:
                run += 1
                continue
            total += 3 + run - 5 if run >= 5 else 0
            run = 1
        for x in range(size - 10):
            total += 40 * (one[x : x + 11] in ("10111010000", "00001011101"))
    for y in range(size - 1):
        for x in range(size - 1):
            total += 3 * (
                len({rows[y][x], rows[y][x + 1], rows[y + 1][x], rows[y + 1][x + 1]}) == 1
            )
    dark = sum(row.count("1") for row in rows)
    return total + 10 * (abs(200 * dark - 100 * size * size) // (10 * size * size))


@pytest.mark.parametrize("text", ["SN-000123", "0" * 90, "HTTPS://EXAMPLE.COM/S/SN-000123-X"])
def test_the_mask_is_the_one_with_the_least_penalty(text: str) -> None:
    rows = ours(text, "M")
    penalties = [slow_penalty(by_segno(text, "M", mask)) for mask in range(8)]
    assert slow_penalty(rows) == min(penalties)
    whole = int("".join(rows), 2)
    assert qr.penalty(whole, len(rows)) == slow_penalty(rows)


@settings(max_examples=30, deadline=None)
@given(st.integers(21, 30), st.data())
def test_penalties_of_any_picture_are_counted_as_the_standard_says(
    size: int, data: st.DataObject
) -> None:
    whole = data.draw(st.integers(0, (1 << size * size) - 1))
    text = format(whole, f"0{size * size}b")
    rows = [text[at : at + size] for at in range(0, size * size, size)]
    assert qr.penalty(whole, size) == slow_penalty(rows)


@pytest.mark.parametrize(
    ("kind", "most"), [("1", (7089, 5596, 3993, 3057)), ("A", (4296, 3391, 2420, 1852)),
                       ("a", (2953, 2331, 1663, 1273))],
)  # fmt: skip
def test_capacities_are_those_of_the_standard(kind: str, most: tuple[int, ...]) -> None:
    # ISO/IEC 18004, table 7, version 40.
    levels: tuple[qr.Level, ...] = ("L", "M", "Q", "H")
    for level, length in zip(levels, most, strict=True):
        assert qr.version(kind * length, level) == 40
        with pytest.raises(CodeRefused, match="too long for a QR code"):
            qr.version(kind * (length + 1), level)
