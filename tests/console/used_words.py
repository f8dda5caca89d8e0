"""Every text of the screens that has to be translated, and where it stands.

``python -m tests.console.used_words`` writes the rows that ``words.csv`` lacks.
"""

from __future__ import annotations

import ast
import csv
import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from jinja2 import nodes

import gateway.console
import gateway.templates
from gateway.console import navigation, printers, troubles
from gateway.console.listing import Listing
from gateway.console.rendering import _environment
from gateway.console.words import LANGUAGES, table
from gateway.registry.refusals import CAUSES
from gateway.registry.reports import REPORTS
from label_editor.serving import texts

FOLDER = Path(gateway.console.__file__).parent

CALLED = ("_", "_n", "say", "translate")


def in_pages() -> Iterator[tuple[str, str]]:
    """Yield each text of ``_`` and ``_n`` in the pages, and its page."""
    environment = _environment()
    for page in sorted((FOLDER / "pages").glob("*.html")):
        tree = environment.parse(page.read_text("utf-8"))
        for call in tree.find_all(nodes.Call):
            if not isinstance(call.node, nodes.Name) or call.node.name not in ("_", "_n"):
                continue
            for argument in call.args[: 2 if call.node.name == "_n" else 1]:
                for found in _constants(argument):
                    yield found, page.name


def _constants(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, nodes.CondExpr):
        yield from _constants(node.expr1)
        if node.expr2 is not None:
            yield from _constants(node.expr2)


def in_lists() -> Iterator[tuple[str, str]]:
    """Yield each title and sentence of the lists and of the navigation, and its module."""
    for title, entries in navigation.NAVIGATION:
        yield from ((text, "navigation") for text in (title, *(one.title for one in entries)))
    for info in pkgutil.iter_modules([str(FOLDER)]):
        module = importlib.import_module(f"gateway.console.{info.name}")
        for name, value in vars(module).items():
            if isinstance(value, Listing):
                for text in _of_list(value):
                    yield text, info.name
            elif name == "WORDS" or name.endswith("_WORDS"):
                texts = value.values() if isinstance(value, Mapping) else value
                for text in texts:
                    if isinstance(text, str):
                        yield text, info.name


def in_facts() -> Iterator[tuple[str, str]]:
    """Yield each text that the screens say of printers, scans and reports, and where it stands."""
    yield from ((text, "troubles.py") for text in troubles.texts())
    for _, _, does, _, undoes in printers.FAULTS:
        yield from ((text, "printers.py") for text in (does, undoes))
    for _, text in (*printers.TRACKING, *printers.FINISH):
        yield text, "printers.py"
    yield from ((cause.title, "refusals.py") for cause in CAUSES.values())
    for path in sorted(Path(gateway.templates.__file__).parent.glob("builtin/*.json")):
        yield json.loads(path.read_text("utf-8"))["title"], path.name
    for report in REPORTS:
        words = [report.title, report.says, *map(_titled, report.columns)]
        for one in report.parameters:
            words += [_titled(one.name), one.says, *map(_titled, one.choices)]
        yield from ((text, "reports.py") for text in words)


def _titled(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _of_list(listing: Listing) -> Iterator[str]:
    yield from (listing.title, listing.empty, *(title for title, _ in listing.next_act))
    yield from (column.title for column in listing.columns)
    yield from (order.title for order in listing.orders)
    for one in listing.filters:
        yield one.title
        if not callable(one.choices):
            yield from (title for _, title in one.choices)
    for bulk in listing.bulk:
        yield from (bulk.title, bulk.question)
        for one in bulk.asks:
            yield one.title
            if not callable(one.choices):
                yield from (title for _, title in one.choices)


def in_python() -> Iterator[tuple[str, str]]:
    """Yield each text that a module gives to ``translate``, and the module."""
    for path in sorted(FOLDER.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            first = node.args[0]
            if name in CALLED and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value, path.name


def in_editor() -> Iterator[tuple[str, str]]:
    """Yield each text of the label editor's script, as it was built."""
    yield from ((text, "label_editor") for text in texts())


def used() -> dict[str, str]:
    """Return every text, and one place where it stands."""
    return {
        text: where
        for source in (in_python(), in_lists(), in_pages(), in_facts(), in_editor())
        for text, where in source
        if text
    }


def missing() -> dict[str, str]:
    """Return the texts that have no row, or not in all languages."""
    rows = {row["en"]: row for row in table()}
    return {
        text: where
        for text, where in used().items()
        if not all(rows.get(text, {}).get(language) for language in LANGUAGES)
    }


if __name__ == "__main__":
    writer = csv.writer(sys.stdout)
    writer.writerows((text, where) for text, where in missing().items())
