"""Confirmations: a request says what it would do, and does it when it comes back with the token.

A token confirms just one thing, as it stood when it was asked about: it is a keyed hash of both.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from hashlib import sha256

from gateway.registry.refusals import RegistryRefused


class Confirming:
    """Asks for confirmations, and knows its own tokens again."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def token(self, about: Sequence[object]) -> str:
        """Return what confirms just this."""
        said = json.dumps(list(about), default=str).encode()
        return hmac.new(self._secret, b"confirm" + said, sha256).hexdigest()[:24]

    def check(
        self, given: str, about: Sequence[object], question: str, consequences: Sequence[str]
    ) -> None:
        """Check that a request was confirmed.

        Raises:
            RegistryRefused: ``confirmation_required``, with the token and what would happen.
        """
        token = self.token(about)
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise RegistryRefused(
                "confirmation_required", question, token=token, consequences=list(consequences)
            )
