"""Every setting has its words on the screen, and every choice it offers is one that is taken."""

from __future__ import annotations

from gateway.console.settings import FEATURES, GROUPS
from gateway.store.registry.rules import FEATURES as PARTS
from gateway.store.settings import SECRET, SETTINGS

CHOICES = {name: choice for _, group in GROUPS for name, choice in group.items()}


def test_every_setting_stands_on_the_screen_once() -> None:
    named = [name for _, group in GROUPS for name in group]
    assert sorted(named) == sorted(SETTINGS)
    assert {name for name, choice in CHOICES.items() if choice.kind == "secret"} == set(SECRET)


def test_every_part_of_the_registry_has_a_title_and_says_what_vanishes() -> None:
    assert sorted(FEATURES) == sorted(PARTS)
    assert all(title and gone.startswith("Without it") for title, gone in FEATURES.values())


def test_every_choice_is_one_that_the_setting_takes_and_none_is_missing() -> None:
    for name, choice in CHOICES.items():
        standard, check = SETTINGS[name]
        if choice.kind == "choice":
            assert [check(value) for value, _ in choice.choices] == [v for v, _ in choice.choices]
            assert standard in [value for value, _ in choice.choices]
        elif choice.kind == "switch":
            assert isinstance(standard, bool), name
        elif choice.kind == "number":
            assert type(standard) is int, name
        elif choice.kind in ("list", "features"):
            assert isinstance(standard, list), name
        else:
            assert isinstance(standard, str), name
