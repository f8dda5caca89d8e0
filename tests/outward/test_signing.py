"""Signatures, checked by the standard's own library and by what the client gives a receiver."""

from __future__ import annotations

import time
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Witness
from standardwebhooks.webhooks import WebhookVerificationError

from gateway.client import WrongSignature, verify_webhook
from gateway.outward.signing import make_secret, sign

BODY = b'{"specversion":"1.0","id":"7","type":"scan.done","data":{"code":"SN-1\xc2\xb5"}}'


def headers(*secrets: str, at: int | None = None, message: str = "msg_a_7") -> dict[str, str]:
    at = int(time.time()) if at is None else at
    return {
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": sign(secrets, message, at, BODY),
    }


def test_what_is_signed_is_believed_by_the_witness_and_by_the_client() -> None:
    secret = make_secret()
    assert Witness(secret).verify(BODY, headers(secret))["type"] == "scan.done"
    event = verify_webhook(headers(secret), BODY, secret)
    assert (event.id, event.kind, event.body) == (7, "scan.done", {"code": "SN-1µ"})


def test_what_the_witness_signs_the_client_believes() -> None:
    from datetime import UTC, datetime

    secret, at = make_secret(), int(time.time())
    signature = Witness(secret).sign("msg_x", datetime.fromtimestamp(at, UTC), BODY.decode())
    signed = {
        "Webhook-Id": "msg_x", "Webhook-Timestamp": str(at), "Webhook-Signature": signature,
    }  # fmt: skip
    assert verify_webhook(signed, BODY, secret).id == 7


def test_a_secret_can_be_changed_without_a_message_lost() -> None:
    old, new = make_secret(), make_secret()
    both = headers(new, old)
    for secret in (old, new):
        assert Witness(secret).verify(BODY, both)
        assert verify_webhook(both, BODY, secret).id == 7


@pytest.mark.threat("T16")
@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_a_8"},
        {"webhook-timestamp": "1"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-signature": "v1,ĀĀ"},
        {"webhook-timestamp": "now"},
    ],
)
def test_whatever_is_changed_is_not_believed(change: dict[str, str]) -> None:
    secret = make_secret()
    with pytest.raises(WrongSignature):
        verify_webhook(headers(secret) | change, BODY, secret)
    with pytest.raises((WebhookVerificationError, ValueError)):
        Witness(secret).verify(BODY, headers(secret) | change)


def test_another_body_or_another_secret_is_not_believed() -> None:
    secret = make_secret()
    for body, key in ((BODY + b" ", secret), (BODY, make_secret())):
        with pytest.raises(WrongSignature, match="not signed with this secret, or it was changed"):
            verify_webhook(headers(secret), body, key)


@pytest.mark.parametrize("away", [-400, 400])
def test_an_old_message_is_not_believed_again(away: int) -> None:
    secret: Any = make_secret()
    stale = headers(secret, at=int(time.time()) + away)
    with pytest.raises(WrongSignature, match="an old one that somebody sends again"):
        verify_webhook(stale, BODY, secret)
    assert verify_webhook(stale, BODY, secret, tolerance=500).id == 7
