"""Signatures of what is sent, by Standard Webhooks: https://www.standardwebhooks.com

Signed are id, time and body, once with each secret, so that a secret can be replaced without a gap.
"""

import base64
import hmac
import os
from collections.abc import Sequence
from hashlib import sha256

PREFIX = "whsec_"
SECRET_BYTES = 32


def make_secret() -> str:
    """A new secret in the form that receivers are given."""
    return PREFIX + base64.b64encode(os.urandom(SECRET_BYTES)).decode()


def sign_message(*, keys: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a message."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = (hmac.digest(base64.b64decode(key.removeprefix(PREFIX)), signed, sha256) for key in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(found).decode()}" for found in signatures),
    }
