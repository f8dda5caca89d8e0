from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.commands import (
    VERBS,
    Command,
    Signing,
    as_argument,
    is_command,
    read_command,
    write_command,
)
from gateway.errors import CodeRefused

SIGNING = Signing(b"secret of a database")


def iso_7064_37_36(text: str) -> str:
    """Return the check character by the standard's own words: the whole sum is 1 modulo 36."""
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for last in letters:
        whole = text + last
        carried = 36
        for letter in whole[:-1]:
            carried = ((carried + letters.index(letter)) % 36 or 36) * 2 % 37
        if (carried + letters.index(last)) % 36 == 1:
            return last
    raise AssertionError(text)


@pytest.mark.parametrize(
    ("verb", "arg", "code"),
    [
        ("DONE", "", "GWC-DONE-L"),
        ("UNDO", "", "GWC-UNDO-3"),
        ("MODE", "RECEIVE", "GWC-MODE-RECEIVE-S"),
    ],
)
def test_a_command_is_written_and_read(verb: str, arg: str, code: str) -> None:
    assert write_command(verb, arg) == code
    assert read_command(code) == Command(verb, arg)


@pytest.mark.parametrize("verb", list(VERBS))
def test_every_row_of_the_table_is_written_and_read_with_its_example(verb: str) -> None:
    row = VERBS[verb]
    code = write_command(verb, row.example, SIGNING.sign)
    assert read_command(code, SIGNING.check) == Command(verb, row.example, row.signed)
    assert code[-1] == iso_7064_37_36(code[4:-2].replace("-", ""))


@given(st.sampled_from(sorted(VERBS)), st.integers(0, 40), st.sampled_from("0123456789ABCXYZ"))
def test_one_wrong_character_is_never_a_command(verb: str, at: int, wrong: str) -> None:
    code = write_command(verb, VERBS[verb].example, SIGNING.sign)
    at = 4 + at % (len(code) - 4)
    if code[at] in {"-", wrong}:
        return
    with pytest.raises(CodeRefused):
        read_command(code[:at] + wrong + code[at + 1 :], SIGNING.check)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (
            "GWC-DONE-X",
            "'GWC-DONE-X' is no command: its check character should be L and is X; scan it again, "
            "or print the sheet of commands anew.",
        ),
        (
            "GWC-",
            "'GWC-' is no command: expected GWC-VERB-CHECK or GWC-VERB-ARGUMENT-CHECK in capital "
            "letters and digits.",
        ),
        (
            "GWC-DONE",
            "'GWC-DONE' is no command: expected GWC-VERB-CHECK or GWC-VERB-ARGUMENT-CHECK in "
            "capital letters and digits.",
        ),
        (
            "GWC-DO\u041dE-L",
            "'GWC-DO\u041dE-L' is no command: expected GWC-VERB-CHECK or GWC-VERB-ARGUMENT-CHECK "
            "in capital letters and digits.",
        ),
        (
            f"GWC-FORMAT-{iso_7064_37_36('FORMAT')}",
            "'GWC-FORMAT-O' is no command: there is no verb 'FORMAT'; there are "
            f"{', '.join(VERBS)}.",
        ),
        (
            f"GWC-DONE-ALL-{iso_7064_37_36('DONEALL')}",
            "'GWC-DONE-ALL-Y' is no command: DONE takes no argument, got 'ALL'.",
        ),
        (
            f"GWC-QTY-{iso_7064_37_36('QTY')}",
            "'GWC-QTY-9' is no command: QTY needs an argument such as '12', got ''.",
        ),
        (
            f"GWC-CHOOSE-10-{iso_7064_37_36('CHOOSE10')}",
            "'GWC-CHOOSE-10-C' is no command: CHOOSE needs an argument such as '1', got '10'.",
        ),
        (
            f"GWC-MODE-A-B-{iso_7064_37_36('MODEAB')}",
            "'GWC-MODE-A-B-C' is no command: MODE needs an argument such as 'RECEIVE', got 'A-B'.",
        ),
    ],
)
def test_what_begins_like_a_command_and_is_none_is_refused_in_one_sentence(
    code: str, sentence: str
) -> None:
    with pytest.raises(CodeRefused) as refused:
        read_command(code)
    assert refused.value.detail == sentence


def test_caps_lock_turns_a_command_into_small_letters_and_it_is_read_all_the_same() -> None:
    assert read_command("gwc-mode-receive-s") == Command("MODE", "RECEIVE")


@pytest.mark.parametrize("text", ["", "GW-DONE-L", "XGWC-DONE-L", "G", "\uff27\uff37\uff23-DONE-L"])
def test_what_does_not_begin_like_one_is_no_command(text: str) -> None:
    assert not is_command(text)
    assert read_command(text) is None


@pytest.mark.threat("T11")
def test_a_signed_command_is_taken_only_with_the_signature_of_this_database() -> None:
    code = write_command("STATION", "7", SIGNING.sign)
    assert read_command(code, SIGNING.check) == Command("STATION", "7", signed=True)
    foreign = write_command("STATION", "7", Signing(b"another database").sign)
    other = SIGNING.sign("STATION-8")
    borrowed = f"GWC-STATION-7-{other}-{iso_7064_37_36('STATION7' + other)}"
    unsigned = f"GWC-STATION-7-{iso_7064_37_36('STATION7')}"
    for wrong, check in (
        (foreign, SIGNING.check), (borrowed, SIGNING.check), (code, None),
    ):  # fmt: skip
        with pytest.raises(CodeRefused) as refused:
            read_command(wrong, check)
        assert refused.value.detail == (
            f"{wrong!r} is not signed by this gateway; print the sheet of commands here, and scan "
            "that one."
        )
    with pytest.raises(CodeRefused):
        read_command(unsigned, SIGNING.check)


def test_a_signature_says_nothing_of_the_secret_and_differs_from_text_to_text() -> None:
    signatures = {SIGNING.sign(f"STATION-{number}") for number in range(1000)}
    assert len(signatures) == 1000
    assert {len(one) for one in signatures} == {8}
    assert set("".join(signatures)) == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


@pytest.mark.parametrize(
    ("verb", "arg", "sentence"),
    [
        ("STATION", "7", "The command STATION must be signed: give the signing of this database."),
        ("QTY", "-1", "'QTY -1' is no command: QTY needs an argument such as '12', got '-1'."),
        ("DONE", "X", "'DONE X' is no command: DONE takes no argument, got 'X'."),
        ("GO", "", f"'GO' is no command: there is no verb 'GO'; there are {', '.join(VERBS)}."),
    ],
)
def test_what_is_no_command_is_not_written(verb: str, arg: str, sentence: str) -> None:
    with pytest.raises(CodeRefused) as refused:
        write_command(verb, arg)
    assert refused.value.detail == sentence


def test_a_name_is_carried_in_capitals_and_digits() -> None:
    assert as_argument("put-away 2") == "PUTAWAY2"


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    for candidate in (text, f"GWC-{text}", f"GWC-DONE-{text}", f"GWC-STATION-{text}-X"):
        try:
            command = read_command(candidate, SIGNING.check)
        except CodeRefused:
            continue
        assert (
            command is None
            or write_command(command.verb, command.arg, SIGNING.sign) == candidate.upper()
        )
