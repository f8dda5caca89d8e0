"""What proves to a receiver who sent it: signatures of Standard Webhooks 1.0.

>>> secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
>>> sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable

PREFIX = "whsec_"
"""Of a secret of the symmetric scheme (Standard Webhooks 1.0, "Signature scheme")."""

SECRET_BYTES = 32
"""The standard asks for 24 to 64."""


def make_secret() -> str:
    """Return a new secret, as its receiver keeps it."""
    return PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(keys: Iterable[str], message: str, at: int, body: bytes) -> str:
    """Return the header ``webhook-signature``: one signature for each secret.

    ``message`` is the header ``webhook-id``, ``at`` is ``webhook-timestamp``, in seconds.
    """
    signed = b"%b.%d.%b" % (message.encode(), at, body)
    return " ".join(f"v1,{_signature(key, signed)}" for key in keys)


def _signature(key: str, signed: bytes) -> str:
    secret = b64decode(key.removeprefix(PREFIX))
    return b64encode(hmac.digest(secret, signed, "sha256")).decode()
