"""A database of the test's own, of each kind."""

from __future__ import annotations

from tests.store.conftest import fresh

__all__ = ["fresh"]
