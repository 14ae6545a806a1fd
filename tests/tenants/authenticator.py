"""An authenticator in software (WebAuthn, ES256, no attestation): what a browser would send, made from the options."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from os import urandom
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One passkey of one site; `origin` is where the browser says that it stands."""

    rp_id: str
    origin: str
    flags: int = PRESENT | VERIFIED
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: urandom(32))

    def create(self, challenge: str) -> str:
        """The answer to `navigator.credentials.create`."""
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cbor2.dumps(public)
        data = self._data(self.flags | ATTESTED) + attested
        answer = {
            "clientDataJSON": bytes_to_base64url(self._client("webauthn.create", challenge)),
            "attestationObject": bytes_to_base64url(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._wrap(answer)

    def get(self, challenge: str) -> str:
        """The answer to `navigator.credentials.get`."""
        self.count += 1
        data, client = self._data(self.flags), self._client("webauthn.get", challenge)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        answer = {
            "clientDataJSON": bytes_to_base64url(client),
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signature),
        }
        return self._wrap(answer)

    def _data(self, flags: int) -> bytes:
        return sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _wrap(self, answer: dict[str, Any]) -> str:
        named = bytes_to_base64url(self.credential)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": answer})
