"""The editor's sums are the gateway's: the same micrometres make the same dots in both."""

from __future__ import annotations

import json
import random
import subprocess

from gateway.units import Um, parse_density, to_dots, to_um
from tests.editor.building import NODE, SOURCE

SCRIPT = """
import { readFileSync } from "node:fs";
const { density, toDots, toUm, read, say } = await import(process.argv[1]);
const asked = JSON.parse(readFileSync(0, "utf-8"));
console.log(JSON.stringify({
  dots: asked.lengths.map(([um, at]) => toDots(um, density(at))),
  um: asked.dots.map(([dots, at]) => toUm(dots, density(at))),
  read: asked.texts.map(([text, unit]) => read(text, unit)),
  said: asked.said.map(([um, unit]) => say(um, unit)),
}));
"""


def test_lengths_become_dots_and_back_as_in_the_gateway() -> None:
    chance = random.Random(20261122)
    densities: tuple[int | str, ...] = (6, 8, 12, 24, "180dpi", "203dpi", "300dpi", "600dpi")
    lengths = [(chance.randint(0, 2_000_000), chance.choice(densities)) for _ in range(20_000)]
    # Where rounding turns, and the smallest and largest there are.
    lengths += [(um, at) for at in densities for um in (0, 1, 62, 63, 125, 999, 2_000_000)]
    dots = [(chance.randint(0, 48_000), chance.choice(densities)) for _ in range(20_000)]
    texts = [
        ("12,5", "mm"), ("12.5 mm", "in"), ('1/2"', "mm"), (".5 in", "mm"), ("2 cm", "mm"),
        ("1", "in"), ("", "mm"), ("-3", "mm"), ("ten", "mm"), ("1/0", "mm"),
    ]  # fmt: skip
    said = [(12_345, "mm"), (100_000, "mm"), (25_400, "in"), (12_700, "in"), (0, "mm")]
    asked = {"lengths": lengths, "dots": dots, "texts": texts, "said": said}
    done = subprocess.run(
        [NODE, "--experimental-strip-types", "--no-warnings", "--input-type=module", "-e", SCRIPT,
         (SOURCE / "src" / "units.ts").as_uri()],
        input=json.dumps(asked), capture_output=True, text=True, check=True,
    )  # fmt: skip
    got = json.loads(done.stdout)
    assert got["dots"] == [to_dots(Um(um), parse_density(at)) for um, at in lengths]
    assert got["um"] == [to_um(n, parse_density(at)) for n, at in dots]
    assert got["read"] == [
        12_500, 12_500, 12_700, 12_700, 20_000, 25_400, None, None, None, None,
    ]  # fmt: skip
    assert got["said"] == ["12.35", "100", "1", "0.5", "0"]
