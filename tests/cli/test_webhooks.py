"""Webhooks from the command line."""

from __future__ import annotations

from standardwebhooks.webhooks import Webhook as Witness

from tests.cli.conftest import Run
from tests.outward.receiver import Receiver


def test_a_webhook_is_added_tested_paused_and_removed(at_daemon: Run) -> None:
    empty = at_daemon("webhooks", "list")
    assert empty.out == (
        "There is no webhook; make one with: label-gateway webhooks add NAME URL\n"
    )
    with Receiver() as erp:
        made = at_daemon("webhooks", "add", "erp", erp.url, "--kind", "setting", "--kind", "scan")
        assert (made.code, made.err) == (0, "The secret of erp. It is not shown again:\n")
        tested = at_daemon("webhooks", "test", "erp")
        assert (tested.code, tested.out) == (0, "The receiver took it (204).\n")
        (message,) = erp.got
        assert Witness(made.out.strip()).verify(message.body, dict(message.headers))
        other = at_daemon("webhooks", "rotate", "erp").out.strip()
        assert other.startswith("whsec_")
        assert other != made.out.strip()
        again = at_daemon("webhooks", "add", "erp", erp.url)
        assert (again.code, again.err.strip()) == (1, "There is a webhook 'erp' already.")
    away = at_daemon("webhooks", "test", "erp")
    assert away.code == 1
    assert at_daemon("webhooks", "pause", "erp").out == (
        "erp is paused; it goes on from here when it is resumed.\n"
    )
    (row,) = at_daemon("webhooks", "list", "--json").answer
    assert (row["kinds"], row["active"], row["private"]) == (["setting", "scan"], False, True)
    assert at_daemon("webhooks", "resume", "erp").out == "erp goes on where it was.\n"
    assert "erp" in at_daemon("webhooks", "list").out.splitlines()[-1]
    assert at_daemon("webhooks", "dead", "erp").out == "Nothing of erp is dead.\n"
    assert at_daemon("webhooks", "waiting", "erp").out == "Nothing of erp is waiting.\n"
    assert at_daemon("webhooks", "resend", "erp").out == "0 messages of erp are sent again.\n"
    gone = at_daemon("webhooks", "remove", "erp")
    assert gone.out == "erp is removed; nobody is told by it any more.\n"
    assert at_daemon("webhooks", "pause", "erp").code == 1
    assert at_daemon("webhooks", "list", "--json").answer == []
