"""What a template writes between braces: fields, counters and dates, and when to print at all.

    "SN {serial|upper}" ──parse_content──► Content ──compiled──► a function of the row's values
    "item != 'X-1' and name not empty" ──parse_condition──► Condition ──compiled──► yes or no

There is no evaluation: a name is looked up, a filter is one of the list below, and everything else
is refused when the template is read. What a row brings is never parsed again, so ``{serial}`` in
a serial number prints as it stands.

    {serial}                     a field or a counter
    {made|date:YYMMDD}           a date field in a format; text in quotes stands for itself
    {today+30d|date:DD.MM.YY}    the day of acceptance, plus days, weeks (w), months (m), years (y)
    {now|date:HH:mm}             the moment of acceptance at the site
    {lot|upper|pad:8:0}          upper, lower, trim, pad:WIDTH[:CHAR] (left), pad_right:WIDTH[:CHAR]
    {serial|mid:4:3|default:-}   left:N, right:N, mid:FIRST:N (counted from 1), default:TEXT
    {{  }}                       a brace

>>> content = parse_content("SN {serial|upper|pad:8:0}, {today+30d|date:DD.MM.YY}")
>>> write = compile_content(content)
>>> at = datetime(2026, 1, 31, 12, tzinfo=UTC)
>>> write({"serial": "ab-1"}, at)
'SN 0000AB-1, 02.03.26'
>>> parse_content("{0.__class__}")
Traceback (most recent call last):
...
gateway.errors.ExpressionRefused: '0.__class__' is no name; between braces stands a field, a \
counter, today or now, such as {serial} or {today+30d|date:YYYY-MM-DD}; for a brace itself write \
{{ or }}.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, assert_never

from gateway.errors import ExpressionRefused

__all__ = [
    "UTC", "Condition", "Content", "compile_condition", "compile_content", "format_date",
    "parse_condition", "parse_content", "shift",
]  # fmt: skip

Unit = Literal["d", "w", "m", "y"]
Values = Mapping[str, str]
Writer = Callable[[Values, datetime], str]


@dataclass(frozen=True, slots=True)
class Filter:
    """One step behind a ``|``: its name and arguments, already checked."""

    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A value looked up by name, moved by an offset and passed through filters."""

    name: str
    offset: tuple[int, Unit] | None
    filters: tuple[Filter, ...]

    @property
    def dated(self) -> bool:
        """Whether it must be a date: it is moved or formatted as one."""
        return self.offset is not None or any(f.name == "date" for f in self.filters)


@dataclass(frozen=True, slots=True)
class Literally:
    text: str


Part = Literally | Reference


@dataclass(frozen=True, slots=True)
class Content:
    """Text with values in it."""

    source: str
    parts: tuple[Part, ...]

    def references(self) -> Iterator[Reference]:
        return (part for part in self.parts if isinstance(part, Reference))

    @property
    def constant(self) -> str | None:
        """The text when no value is in it, else None."""
        if any(isinstance(part, Reference) for part in self.parts):
            return None
        return "".join(part.text for part in self.parts if isinstance(part, Literally))


@dataclass(frozen=True, slots=True)
class Compare:
    left: Part
    equal: bool
    right: Part


@dataclass(frozen=True, slots=True)
class Holds:
    whole: Part
    wanted: bool
    """True for ``contains``, False for ``not contains``."""
    piece: Part


@dataclass(frozen=True, slots=True)
class Empty:
    of: Part
    wanted: bool
    """True for ``empty``, False for ``not empty``."""


@dataclass(frozen=True, slots=True)
class Both:
    left: Test
    right: Test


@dataclass(frozen=True, slots=True)
class Either:
    left: Test
    right: Test


@dataclass(frozen=True, slots=True)
class Not:
    test: Test


Test = Compare | Holds | Empty | Both | Either | Not


@dataclass(frozen=True, slots=True)
class Condition:
    """When to print an element."""

    source: str
    test: Test

    def references(self) -> Iterator[Reference]:
        waiting: list[Test] = [self.test]
        while waiting:
            test = waiting.pop()
            match test:
                case Compare():
                    yield from (p for p in (test.left, test.right) if isinstance(p, Reference))
                case Holds():
                    yield from (p for p in (test.whole, test.piece) if isinstance(p, Reference))
                case Empty():
                    if isinstance(test.of, Reference):
                        yield test.of
                case Both() | Either():
                    waiting += (test.left, test.right)
                case Not():
                    waiting.append(test.test)
                case _:
                    assert_never(test)


NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
CLOCK: Final = ("today", "now")
"""Names that the moment of acceptance answers."""

_REFERENCE: Final = re.compile(
    r"\s*([A-Za-z][A-Za-z0-9_]{0,63})\s*(?:([+-])\s*([0-9]{1,4})([dwmy]))?\s*"
)
_ARGUMENT_COUNT: Final[dict[str, tuple[int, int]]] = {
    "upper": (0, 0), "lower": (0, 0), "trim": (0, 0), "pad": (1, 2), "pad_right": (1, 2),
    "left": (1, 1), "right": (1, 1), "mid": (2, 2), "default": (1, 1), "date": (1, 1),
}  # fmt: skip
_NUMBERS: Final = {"pad": 1, "pad_right": 1, "left": 1, "right": 1, "mid": 2}
"""How many leading arguments are whole numbers."""
_WIDEST: Final = 200
"""Characters a pad may reach: more than any label line holds."""
_DEEPEST: Final = 20
"""Parentheses inside parentheses in a condition."""


def parse_content(source: str) -> Content:
    """Return the parts of a text with values in braces.

    Raises:
        ExpressionRefused: a brace without its partner, no name, an unknown filter or argument.
    """
    parts: list[Part] = []
    text: list[str] = []
    at = 0
    while at < len(source):
        character = source[at]
        if source[at : at + 2] in ("{{", "}}"):
            text.append(character)
            at += 2
        elif character == "{":
            end = _closing(source, at + 1)
            if text:
                parts.append(Literally("".join(text)))
                text = []
            parts.append(_parse_reference(source[at + 1 : end]))
            at = end + 1
        elif character == "}":
            raise ExpressionRefused(
                f"A }} without its {{ stands at character {at + 1} of {source!r}; for a brace "
                "itself write }}.",
                source=source,
                at=at,
            )
        else:
            text.append(character)
            at += 1
    if text:
        parts.append(Literally("".join(text)))
    return Content(source, tuple(parts))


def _closing(source: str, at: int) -> int:
    quoted = False
    for i in range(at, len(source)):
        if source[i] == "'":
            quoted = not quoted
        elif source[i] == "}" and not quoted:
            return i
    raise ExpressionRefused(
        f"The {{ at character {at} of {source!r} is never closed; end it with }}, or for a brace "
        "itself write {{.",
        source=source,
        at=at - 1,
    )


def _pieces(text: str, separator: str) -> list[str]:
    """Split at a separator outside quotes."""
    pieces = [""]
    quoted = False
    for character in text:
        if character == "'":
            quoted = not quoted
        if character == separator and not quoted:
            pieces.append("")
        else:
            pieces[-1] += character
    return pieces


def _parse_reference(text: str) -> Reference:
    head, *steps = _pieces(text, "|")
    match = _REFERENCE.fullmatch(head)
    if match is None:
        raise ExpressionRefused(
            f"{head.strip()!r} is no name; between braces stands a field, a counter, today or now, "
            "such as {serial} or {today+30d|date:YYYY-MM-DD}; for a brace itself write {{ or }}.",
            expression=text,
        )
    name, sign, count, unit = match.groups()
    offset: tuple[int, Unit] | None = None
    if unit is not None:
        units: dict[str, Unit] = {"d": "d", "w": "w", "m": "m", "y": "y"}
        offset = (int(sign + count), units[unit])
    return Reference(name, offset, tuple(_parse_filter(step, text) for step in steps))


def _parse_filter(step: str, text: str) -> Filter:
    name, colon, rest = step.strip().partition(":")
    name = name.strip()
    if name not in _ARGUMENT_COUNT:
        raise ExpressionRefused(
            f"{{{text}}} uses {name!r}; expected one of {', '.join(sorted(_ARGUMENT_COUNT))}.",
            expression=text,
            filter=name,
        )
    # A date format has colons of its own, so it takes the rest as it stands.
    if not colon:
        arguments = []
    elif name == "date":
        arguments = [rest]
    else:
        arguments = [_unquoted(piece) for piece in _pieces(rest, ":")]
        numbers = _NUMBERS.get(name, 0)
        arguments[:numbers] = [argument.strip() for argument in arguments[:numbers]]
    least, most = _ARGUMENT_COUNT[name]
    if not least <= len(arguments) <= most:
        wanted = f"{least}" if least == most else f"{least} or {most}"
        raise ExpressionRefused(
            f"{{{text}}}: {name} takes {wanted} argument{'' if most == 1 else 's'} behind colons, "
            f"got {len(arguments)}; quote an argument that holds a colon, as in default:'a:b'.",
            expression=text,
            filter=name,
        )
    for argument in arguments[: _NUMBERS.get(name, 0)]:
        if not (argument.isascii() and argument.isdigit() and int(argument) <= _WIDEST):
            raise ExpressionRefused(
                f"{{{text}}}: {name} takes a whole number from 0 to {_WIDEST}, got {argument!r}.",
                expression=text,
                filter=name,
            )
    if name == "mid" and int(arguments[0]) < 1:
        raise ExpressionRefused(
            f"{{{text}}}: mid counts characters from 1, got {arguments[0]}.", expression=text
        )
    if name in ("pad", "pad_right") and len(arguments) == 2 and len(arguments[1]) != 1:
        raise ExpressionRefused(
            f"{{{text}}}: {name} fills with one character, got {arguments[1]!r}.", expression=text
        )
    if name == "date":
        _date_parts(arguments[0])
    return Filter(name, tuple(arguments))


def _unquoted(text: str) -> str:
    inner = text.strip()
    return inner[1:-1] if len(inner) >= 2 and inner[0] == inner[-1] == "'" else text


_TOKENS: Final = re.compile(r"YYYY|YY|GGGG|DDD|MM|M|DD|D|HH|mm|ss|WW|E|'([^']*)'|([^A-Za-z'])")

DATE_TOKENS: Final = {
    "YYYY": "year", "YY": "year, two digits", "MM": "month, two digits", "M": "month",
    "DD": "day, two digits", "D": "day", "DDD": "day of the year, three digits",
    "GGGG": "ISO year of the week", "WW": "ISO week, two digits", "E": "ISO weekday, Monday 1",
    "HH": "hour", "mm": "minute", "ss": "second",
}  # fmt: skip
"""What a date format may hold, for documentation and the editor."""


def _date_parts(form: str) -> tuple[str, ...]:
    """Return the tokens of a date format; a literal is marked by a leading quote."""
    parts: list[str] = []
    at = 0
    while at < len(form):
        match = _TOKENS.match(form, at)
        if match is None:
            raise ExpressionRefused(
                f"The date format {form!r} has {form[at]!r} at character {at + 1}; expected "
                f"{', '.join(DATE_TOKENS)}, punctuation, or text in single quotes.",
                format=form,
                at=at,
            )
        literal = match[1] if match[1] is not None else match[2]
        parts.append(match[0] if literal is None else f"'{literal}")
        at = match.end()
    return tuple(parts)


def format_date(moment: datetime | date, form: str) -> str:
    """Return the date in a format.

    >>> format_date(date(2026, 1, 4), "YYYY-'W'WW-E, DDD, GGGG"), format_date(date(26, 1, 4), "YY")
    ('2026-W01-7, 004, 2026', '26')

    Raises:
        ExpressionRefused: the format has a letter that is none of ``DATE_TOKENS``.
    """
    return _write_date(_date_parts(form))(moment)


def _write_date(parts: tuple[str, ...]) -> Callable[[datetime | date], str]:
    def write(moment: datetime | date) -> str:
        clock = moment if isinstance(moment, datetime) else datetime(*moment.timetuple()[:3])  # noqa: DTZ001 - only its digits are read
        return "".join(_date_token(part, clock) for part in parts)

    return write


def _date_token(part: str, at: datetime) -> str:
    match part:
        case "YYYY":
            return f"{at.year:04}"
        case "YY":
            return f"{at.year % 100:02}"
        case "MM":
            return f"{at.month:02}"
        case "M":
            return str(at.month)
        case "DD":
            return f"{at.day:02}"
        case "D":
            return str(at.day)
        case "DDD":
            return f"{at.timetuple().tm_yday:03}"
        case "GGGG":
            return f"{at.isocalendar().year:04}"
        case "WW":
            return f"{at.isocalendar().week:02}"
        case "E":
            return str(at.isoweekday())
        case "HH":
            return f"{at.hour:02}"
        case "mm":
            return f"{at.minute:02}"
        case "ss":
            return f"{at.second:02}"
        case _:
            return part[1:]


def shift(moment: datetime, count: int, unit: Unit) -> datetime:
    """Return the moment so many days, weeks, months or years on; a month too short ends on its
    last day.

    >>> shift(datetime(2024, 1, 31, tzinfo=UTC), 1, "m").date().isoformat()
    '2024-02-29'

    Raises:
        ExpressionRefused: before year 1 or after year 9999.
    """
    try:
        match unit:
            case "d":
                return moment + timedelta(days=count)
            case "w":
                return moment + timedelta(weeks=count)
            case "m" | "y":
                months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "y" else 1)
                year, month = months // 12, months % 12 + 1
                after = date(year + month // 12, month % 12 + 1, 1)
                last = (after - timedelta(days=1)).day
                return moment.replace(year=year, month=month, day=min(moment.day, last))
            case _:
                assert_never(unit)
    except (OverflowError, ValueError) as error:
        raise ExpressionRefused(
            f"{moment.date().isoformat()} {count:+}{unit} is no date of the years 1 to 9999.",
            offset=f"{count:+}{unit}",
        ) from error


# Conditions

_WORDS: Final = re.compile(r"\s*(?:('(?:[^'])*')|(==|!=|\(|\))|([A-Za-z][A-Za-z0-9_]*))")


def parse_condition(source: str) -> Condition:
    """Return the test written as ``item == 'HT-9000' and not (name empty or lot != '')``.

    ``lot contains 'X'`` and ``lot not contains 'X'`` ask for a piece of a value.

    Raises:
        ExpressionRefused: anything but names, quoted texts, ``== != contains and or not empty`` and
            parentheses.
    """
    words: list[str] = []
    at = 0
    text = source.rstrip()
    while at < len(text):
        match = _WORDS.match(text, at)
        if match is None:
            raise _condition_refused(source, text[at:].strip()[:12])
        words.append(match[0].strip())
        at = match.end()
    reader = _Words(source, words)
    test = reader.either(0)
    if reader.left:
        raise _condition_refused(source, reader.left[0])
    return Condition(source, test)


def _condition_refused(source: str, got: str) -> ExpressionRefused:
    return ExpressionRefused(
        f"The condition {source!r} cannot be read at {got!r}; expected names, texts in single "
        "quotes, ==, !=, contains, empty, not empty, and, or, not and parentheses, such as "
        "\"item == 'HT-9000' and name not empty\".",
        condition=source,
        got=got,
    )


class _Words:
    """A condition's words, taken from the left."""

    def __init__(self, source: str, words: list[str]) -> None:
        self.source = source
        self.left = words

    def take(self, *wanted: str) -> str | None:
        if self.left and self.left[0] in wanted:
            return self.left.pop(0)
        return None

    def either(self, depth: int) -> Test:
        test = self.both(depth)
        while self.take("or"):
            test = Either(test, self.both(depth))
        return test

    def both(self, depth: int) -> Test:
        test = self.single(depth)
        while self.take("and"):
            test = Both(test, self.single(depth))
        return test

    def single(self, depth: int) -> Test:
        if depth > _DEEPEST:
            raise ExpressionRefused(
                f"The condition {self.source!r} has more than {_DEEPEST} parentheses inside one "
                "another.",
                condition=self.source,
            )
        if self.take("not"):
            return Not(self.single(depth + 1))
        if self.take("("):
            test = self.either(depth + 1)
            if not self.take(")"):
                raise _condition_refused(self.source, self.left[0] if self.left else "its end")
            return test
        left = self.operand()
        if self.take("empty"):
            return Empty(left, wanted=True)
        if self.left[:2] == ["not", "empty"]:
            del self.left[:2]
            return Empty(left, wanted=False)
        if self.take("contains"):
            return Holds(left, True, self.operand())
        if self.left[:2] == ["not", "contains"]:
            del self.left[:2]
            return Holds(left, False, self.operand())
        sign = self.take("==", "!=")
        if sign is None:
            raise _condition_refused(self.source, self.left[0] if self.left else "its end")
        return Compare(left, sign == "==", self.operand())

    def operand(self) -> Part:
        if not self.left or self.left[0] in ("and", "or", "not", "empty", "==", "!=", "(", ")"):
            raise _condition_refused(self.source, self.left[0] if self.left else "its end")
        word = self.left.pop(0)
        return Literally(word[1:-1]) if word[0] == "'" else Reference(word, None, ())


# Compiling


def compile_content(content: Content, escape: Callable[[str], str] | None = None) -> Writer:
    """Return a function that writes the content for a row's values and the moment of acceptance.

    ``escape`` is applied to what values bring, not to the template's own text; a content that is
    one value and nothing else is left as it is.
    """
    constant = content.constant
    if constant is not None:
        fixed = constant
        return lambda values, moment: fixed
    if len(content.parts) == 1:
        return _compile_part(content.parts[0])
    writers = tuple(
        _escaped(_compile_part(part), escape)
        if escape is not None and isinstance(part, Reference)
        else _compile_part(part)
        for part in content.parts
    )
    return lambda values, moment: "".join([write(values, moment) for write in writers])


def _escaped(write: Writer, escape: Callable[[str], str]) -> Writer:
    return lambda values, moment: escape(write(values, moment))


def _compile_part(part: Part) -> Writer:
    match part:
        case Literally(text):
            return lambda values, moment: text
        case Reference():
            return _compile_reference(part)
        case _:
            assert_never(part)


def _compile_reference(reference: Reference) -> Writer:
    name, offset = reference.name, reference.offset
    filters = reference.filters
    if not (reference.dated or name in CLOCK):
        steps = tuple(_compile_filter(step) for step in filters)
        if not steps:
            return lambda values, moment: values[name]

        def write(values: Values, moment: datetime) -> str:
            text = values[name]
            for step in steps:
                text = step(text)
            return text

        return write

    first = next((i for i, step in enumerate(filters) if step.name == "date"), None)
    form = filters[first].arguments[0] if first is not None else _DEFAULT_FORMS.get(name, _ISO)
    # A date has its format first; what stands before `date` could only change its text.
    after = tuple(_compile_filter(s) for i, s in enumerate(filters) if i != first)
    as_text = _write_date(_date_parts(form))
    field = None if name in CLOCK else name

    def write_date(values: Values, moment: datetime) -> str:
        if field is None:
            at = moment
        elif not values[field]:
            at = None
        else:
            at = datetime.fromisoformat(values[field]).replace(tzinfo=moment.tzinfo)
        if at is not None and offset is not None:
            at = shift(at, *offset)
        text = "" if at is None else as_text(at)
        for step in after:
            text = step(text)
        return text

    return write_date


_ISO: Final = "YYYY-MM-DD"
_DEFAULT_FORMS: Final = {"now": "YYYY-MM-DD HH:mm"}


def _compile_filter(step: Filter) -> Callable[[str], str]:
    arguments = step.arguments
    match step.name:
        case "upper":
            return str.upper
        case "lower":
            return str.lower
        case "trim":
            return str.strip
        case "pad":
            width, fill = int(arguments[0]), (*arguments, " ")[1]
            return lambda text: text.rjust(width, fill)
        case "pad_right":
            width, fill = int(arguments[0]), (*arguments, " ")[1]
            return lambda text: text.ljust(width, fill)
        case "left":
            count = int(arguments[0])
            return lambda text: text[:count]
        case "right":
            count = int(arguments[0])
            return lambda text: text[-count:] if count else ""
        case "mid":
            start = int(arguments[0]) - 1
            end = start + int(arguments[1])
            return lambda text: text[start:end]
        case "default":
            other = arguments[0]
            return lambda text: text or other
        case _:
            raise ExpressionRefused(f"{step.name!r} is no filter.", filter=step.name)


def compile_condition(condition: Condition) -> Callable[[Values, datetime], bool]:
    """Return a function that says whether the element prints for a row's values."""
    return _compile_test(condition.test)


def _compile_test(test: Test) -> Callable[[Values, datetime], bool]:
    match test:
        case Compare(left, equal, right):
            one, other = _compile_part(left), _compile_part(right)
            if equal:
                return lambda values, moment: one(values, moment) == other(values, moment)
            return lambda values, moment: one(values, moment) != other(values, moment)
        case Holds(whole, wanted, piece):
            one, other = _compile_part(whole), _compile_part(piece)
            return lambda values, moment: (other(values, moment) in one(values, moment)) is wanted
        case Empty(of, wanted):
            write = _compile_part(of)
            return lambda values, moment: (write(values, moment) == "") is wanted
        case Both(left_test, right_test):
            first, second = _compile_test(left_test), _compile_test(right_test)
            return lambda values, moment: first(values, moment) and second(values, moment)
        case Either(left_test, right_test):
            first, second = _compile_test(left_test), _compile_test(right_test)
            return lambda values, moment: first(values, moment) or second(values, moment)
        case Not(inner):
            held = _compile_test(inner)
            return lambda values, moment: not held(values, moment)
        case _:
            assert_never(test)
