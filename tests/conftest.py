"""What all tests share: the order of the groups, fast ones first."""

from __future__ import annotations

import pytest

LATER = ("browser", "campaign")
"""Markers of the slow groups, in the order they run after everything else."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def group(item: pytest.Item) -> int:
        return max(
            (n + 1 for n, name in enumerate(LATER) if item.get_closest_marker(name)), default=0
        )

    items.sort(key=group)
