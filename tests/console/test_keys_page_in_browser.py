"""Keys: made, shown once, used from elsewhere, ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.console.station import needs_chromium

if TYPE_CHECKING:
    from tests.conftest import Daemon
    from tests.console.screen import Screen

pytestmark = needs_chromium


def test_a_key_is_made_shown_once_and_ended(daemon: Daemon, screen: Screen) -> None:
    screen.go("/keys").sees("There is no key yet.").is_accessible()
    screen.fill("Name", "erp").click("Make the key").sees("shown once and never again")
    secret = screen.locator("#secret").inner_text()
    header = {"Authorization": f"Bearer {secret}"}
    printers = f"{daemon.url}/v1/printers"
    assert httpx.get(printers, headers=header, trust_env=False).status_code == 200
    screen.go("/keys").sees("erp").does_not_see(secret).is_accessible()
    screen.tick("Tick erp").click("End them").click("Cancel")
    assert httpx.get(printers, headers=header, trust_env=False).status_code == 200
    screen.click("End them").click("Yes").said("1 keys have ended.").sees("There is no key yet.")
    assert httpx.get(printers, headers=header, trust_env=False).status_code == 401


def test_a_key_may_book_what_is_ticked_and_ends_by_itself(daemon: Daemon, screen: Screen) -> None:
    screen.go("/keys").fill("Name", "dock").click("What it may book")
    screen.page.get_by_label("Receive registry:receipt", exact=True).check()
    screen.fill("It lasts", "86400").is_accessible()
    screen.click("Make the key").sees("shown once and never again")
    key = daemon.gateway.parts.keys.get("dock")
    assert key.scopes == {"read", "print", "registry:receipt"}
    assert key.expires_at is not None
    assert key.expires_at - key.created_at == pytest.approx(86_400_000_000, abs=60_000_000)


def test_what_was_typed_into_a_form_that_is_refused_is_still_there(screen: Screen) -> None:
    screen.go("/keys").fill("Name", "two words").click("Make the key").said(
        "cannot be a key's name"
    )
    assert screen.page.get_by_label("Name", exact=True).input_value() == "two words"


def test_a_list_is_searched_sorted_kept_as_a_view_and_exported(
    daemon: Daemon, screen: Screen
) -> None:
    with httpx.Client(base_url=daemon.url, trust_env=False) as web:
        for name in ("beta", "alpha", "gamma"):
            web.post("/v1/keys", json={"name": name, "scopes": ["read"]})
        screen.go("/keys").click("Name")
        assert screen.locator("tbody td:nth-child(2)").all_inner_texts() == [
            "alpha", "beta", "gamma",
        ]  # fmt: skip
        screen.fill("Search in this list", "et").click("Show").does_not_see("gamma").sees("beta")
        screen.click("Keep or export").fill("Keep these filters as a view called", "Bees")
        screen.click("Keep").said("The view is kept.")
        screen.go("/keys").sees("gamma").click("Bees").does_not_see("gamma").sees("beta")
        exported = web.get("/lists/keys.csv?q=et").content.decode("utf-8-sig").splitlines()
        assert [line.split(",")[0] for line in exported] == ["Name", "beta"]
