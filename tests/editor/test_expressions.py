"""What the editor makes of contents, conditions, dates and GS1 parts is what the gateway reads."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime, timedelta
from typing import Any

from gateway.codes import gs1
from gateway.codes.checkdigits import check_digit
from gateway.templates.expressions import (
    UTC,
    compile_condition,
    compile_content,
    format_date,
    parse_condition,
    parse_content,
)
from tests.editor.building import NODE, SOURCE

SCRIPT = """
import { readFileSync } from "node:fs";
const at = (name) => import(new URL(name, process.argv[1]));
const content = await at("expressions.ts"), condition = await at("condition.ts");
const dates = await at("dates.ts"), gs1 = await at("element_string.ts");
const asked = JSON.parse(readFileSync(0, "utf-8"));
const again = (parse, write) => (source) => { const read = parse(source); return read && write(read); };
console.log(JSON.stringify({
  contents: asked.contents.map(again(content.parse, content.write)),
  conditions: asked.conditions.map(again(condition.parse, condition.write)),
  forms: dates.FORMS,
  dates: asked.dates.map(([y, m, d, h, i]) => dates.FORMS.map((form) => dates.formatted(new Date(y, m - 1, d, h, i), form))),
  valid: asked.forms.map((form) => dates.isForm(form)),
  strings: asked.strings.map(again(gs1.parse, gs1.write)),
  rows: asked.strings.map((one) => gs1.parse(one)),
  digits: asked.digits.map((one) => gs1.checkDigit(one)),
  meant: asked.meant.map(([digits, length]) => gs1.meant(digits, length)),
}));
"""  # noqa: E501 - a script in another language


def ask(**asked: Any) -> dict[str, Any]:
    """Return what the editor's script makes of it."""
    keys = ("contents", "conditions", "dates", "forms", "strings", "digits", "meant")
    everything: dict[str, Any] = {key: [] for key in keys}
    done = subprocess.run(
        [NODE, "--experimental-strip-types", "--no-warnings", "--input-type=module", "-e", SCRIPT,
         (SOURCE / "src").as_uri() + "/"],
        input=json.dumps(everything | asked), capture_output=True, text=True, check=False,
        encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


VALUES = {"serial": "ab-12", "lot": "", "made": "2026-01-31", "item": "HT's"}
AT = datetime(2026, 1, 31, 12, 5, tzinfo=UTC)

CONTENTS = [
    "", "SN {serial}", "{serial|upper|pad:8:0}", "{{not a field}} {serial}", "{made|date:YYMMDD}",
    "{today+30d|date:DD.MM.YY} {now|date:HH:mm}", "{made-1m|date:'week' WW}",
    "{lot|default:'a:b|c}'}",
    "{ serial | mid:4:3 | default:- }", "{serial|pad_right:10:' '}|", "{lot|default: none }",
    "سلام {serial} 漢字", "{serial}{lot}{serial|left:2}", "{today|date:GGGG-'W'WW}",
]  # fmt: skip


def test_a_content_read_and_written_by_the_editor_says_the_same() -> None:
    wrong = ["{", "}", "{0.x}", "a } b", "{serial"]
    made = ask(contents=CONTENTS + wrong)["contents"]
    assert made[len(CONTENTS) :] == [None] * len(wrong)

    def says(source: str) -> str:
        return compile_content(parse_content(source))(VALUES, AT)

    written = made[: len(CONTENTS)]
    assert [says(one) for one in written] == [says(one) for one in CONTENTS]


CONDITIONS = [
    "item == 'X-1'", "item != ''", "lot empty", "lot not empty", "serial contains 'b-'",
    "serial not contains 'b-'", "item == 'HT' and lot empty and serial not empty",
    "item == 'HT' or serial contains 'ab'", "  lot   empty  ", "item == 'and or not empty'",
]  # fmt: skip


def test_a_condition_built_in_the_editor_holds_for_the_same_records() -> None:
    # More than a list of tests is left as it is written.
    longer = ["not lot empty", "(lot empty)", "lot empty and item empty or serial empty",
              "'a' == item", "item == serial"]  # fmt: skip
    made = ask(conditions=CONDITIONS + longer + ["item =", "item"])["conditions"]
    assert made[len(CONDITIONS) :] == [None] * (len(longer) + 2)

    def holds(source: str) -> bool:
        return compile_condition(parse_condition(source))(VALUES, AT)

    written = made[: len(CONDITIONS)]
    assert [holds(one) for one in written] == [holds(one) for one in CONDITIONS]
    assert [holds(one) for one in CONDITIONS].count(True) == 5


def test_dates_are_shown_as_they_will_be_printed() -> None:
    days = [datetime(2019, 12, 27, 7, 5, tzinfo=UTC) + timedelta(days=n) for n in range(0, 800, 3)]
    days += [datetime(2026, 12, 31, 23, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)]
    forms = ["DD.MM.YY", "'Wk' WW", "GGGG-E", "soon", "'open", "D/M ss"]
    made = ask(dates=[[d.year, d.month, d.day, d.hour, d.minute] for d in days], forms=forms)
    assert made["dates"] == [[format_date(day, form) for form in made["forms"]] for day in days]
    assert made["valid"] == [True, True, True, False, False, True]


def test_gs1_parts_are_taken_apart_and_put_together_again() -> None:
    strings = [
        "(01)09501101530003(21)SN-7", "(01){gtin}(21){serial|upper}", r"(10)AB\(1\)(21)X",
        "(17){made|date:YYMMDD}(10){lot|default:(0)}", "(21)", "",
    ]  # fmt: skip
    made = ask(strings=[*strings, "{gs1}", "(01", "SN(21)"])
    assert made["strings"] == [*strings, None, None, None]
    assert made["rows"][2] == [{"ai": "10", "value": "AB(1)"}, {"ai": "21", "value": "X"}]
    assert [(row["ai"], row["value"]) for row in made["rows"][2]] == list(
        gs1.parse(strings[2]).elements
    )


def test_a_mistyped_check_digit_is_guessed_as_the_gateway_does() -> None:
    digits = ["629104150021", "37610425002123456", "0", "9638507", "40123456789"]
    made = ask(
        digits=digits,
        meant=[["6291041500218", 13], ["629104150021", 13], ["6291041500213", 13],
               ["62910415002", 13], ["62910415002A", 13], ["", 8]],
    )  # fmt: skip
    assert made["digits"] == [check_digit(one) for one in digits]
    assert made["meant"] == ["6291041500213", "6291041500213", "", "", "", ""]
