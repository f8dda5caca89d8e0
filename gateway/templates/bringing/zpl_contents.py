"""What the fields of a ZPL label say: text, values that each label brings, counters, the time.

>>> contents = Contents()
>>> draft = Draft(content=b"SN-0099", counts=next(iter(read_commands(b"^SF%%%DDDD,1"))))
>>> contents.says(draft, "SN-0099", "").counter
{'name': 'counter1', 'start': 99, 'step': 1, 'width': 4}
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.templates.bringing.zpl_codes import EXAMPLES, NotOurs
from gateway.templates.bringing.zpl_labels import Written
from gateway.templates.bringing.zpl_state import (
    ENCODINGS,
    Draft,
    field_data,
    letter,
    number,
    unescape,
)
from gateway.templates.bringing.zpl_texts import literally, read_time
from gateway.zpl.commands import read_commands

__all__ = ["Contents", "Draft", "Says", "decoded", "read_commands"]

_LONGEST_FIELD: Final = 3072
"""Bytes of field data (ZPL II guide, ^FD)."""


@dataclass(frozen=True, slots=True)
class Says:
    """A content as a template writes it."""

    written: str
    name: str = ""
    """Of the field it takes its value from."""
    example: str = ""
    title: str = ""
    variable: bool = False
    counter: dict[str, Any] | None = None
    uncounted: bool = False
    """Whether the printer would count in it what no counter does."""

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The field it takes its value from, as a document lists it."""
        return [self.field()] if self.name else []

    @property
    def counters(self) -> list[dict[str, Any]]:
        """The counter in it, as a document lists it."""
        return [self.counter] if self.counter else []

    def field(self) -> dict[str, Any]:
        """Return the field as a document has it."""
        made: dict[str, Any] = {"name": self.name, "required": True}
        if self.title and self.title != self.name:
            made["title"] = self.title[:200]
        if self.example:
            made["example"] = self.example[:256]
        return made


@dataclass(slots=True)
class Contents:
    """What has been said on a label so far."""

    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    counters: list[dict[str, Any]] = field(default_factory=list)
    prompts: dict[int, str] = field(default_factory=dict)
    """Of numbered fields."""
    names: dict[int, str] = field(default_factory=dict)
    values: dict[int, bytes] = field(default_factory=dict)
    """What numbered fields are given."""

    def find(self, commands: Written) -> None:
        """Collect what numbered fields are given by a ^FD away from where they stand."""
        number_of: int | None = None
        escape: int | None = None
        for command, _ in commands:
            match command.name:
                case "^FN":
                    number_of = number(command.parts(), 0)
                    prompt = re.search(r'"([^"]+)"', command.value.decode("utf-8", "replace"))
                    if number_of is not None and prompt:
                        self.prompts.setdefault(number_of, prompt[1])
                case "^FH":
                    escape = command.value[0] if command.value.strip() else ord("_")
                case "^FD" | "^FV" if number_of is not None:
                    value = field_data(command.value)
                    self.values[number_of] = value if escape is None else unescape(value, escape)
                case "^FS":
                    number_of = escape = None
                case _:
                    pass

    def content(self, draft: Draft) -> tuple[bytes, bool]:
        """Return the data of a field, and whether it is only an example of what comes."""
        content = draft.content
        if content is not None and draft.escape is not None:
            content = unescape(content, draft.escape)
        if len(content or b"") > _LONGEST_FIELD:
            raise NotOurs(f"it has more than {_LONGEST_FIELD} bytes of data")
        if draft.number is None:
            return content or b"", False
        return content or self.values.get(draft.number, b""), True

    def says(self, draft: Draft, text: str, symbology: str) -> Says:
        """Return a field's content as a template writes it, with the fields it needs."""
        if draft.number is not None:
            name = self._name_of(draft)
            shown = self.fields.get(name, {}).get("example") or text
            example = shown or EXAMPLES.get(symbology, "" if symbology == "" else "SN-000123")
            example = example or (draft.prompt or name)
            return Says(f"{{{name}}}", name, example, draft.prompt, True)
        if draft.counts is not None:
            return self._counted(draft, text)
        if draft.clock and draft.clock in text:
            return Says(read_time(text, draft.clock))
        return Says(literally(text))

    def _name_of(self, draft: Draft) -> str:
        """Return what a numbered field is called: its prompt, unless that is taken or no name."""
        assert draft.number is not None
        words = re.sub("[^a-z0-9]+", "_", draft.prompt.lower()).strip("_")[:50]
        others = {name for number, name in self.names.items() if number != draft.number}
        if (
            words in others
            or not re.match("[a-z]", words)
            or re.fullmatch(r"today|now|counter[0-9]+", words)
        ):
            words = f"field{draft.number}"
        while words in others:  # another's prompt may read like that
            words += "_"
        return self.names.setdefault(draft.number, words)

    def _counted(self, draft: Draft, text: str) -> Says:
        assert draft.counts is not None
        parts = draft.counts.parts()
        zeros = True
        if draft.counts.name == "^SN":
            step = number(parts, 1)
            zeros = letter(parts, 2) == "Y"
            run = list(re.finditer("[0-9]{1,12}", text))
            found = run[-1].span() if run else None
        else:
            mask = re.fullmatch("%*([Dd]+)(%*)", parts[0] if parts else "")
            tail = len(mask[2]) if mask else 0
            found = (len(text) - tail - len(mask[1]), len(text) - tail) if mask else None
            written = (parts[1] if len(parts) > 1 else "").strip() or "1"
            step = int(written) if re.fullmatch("[0-9]{1,6}", written) and not tail else None
            if tail:
                found = None
        if found is None or found[0] < 0 or not re.fullmatch("[0-9]+", text[slice(*found)]):
            return Says(literally(text), uncounted=True)
        if step is None:
            step = 1
        start = text[found[0] : found[1]]
        name = f"counter{len(self.counters) + 1}"
        counter = {"name": name, "start": int(start), "step": step}
        if zeros:
            counter["width"] = len(start)
        before, after = literally(text[: found[0]]), literally(text[found[1] :])
        return Says(f"{before}{{{name}}}{after}", counter=counter)

    def take(self, says: Says) -> None:
        """Note the field and the counter of a content that stands on the label."""
        if says.name:
            self.fields.setdefault(says.name, says.field())
        if says.counter:
            self.counters.append(says.counter)


def decoded(content: bytes, encoding: int) -> str:
    """Return field data as text: UTF-8 where it is, whatever code page (^CI) is said."""
    if content.isascii():
        return content.decode("ascii")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode(ENCODINGS.get(encoding, "cp850"), "replace")
