"""Outbound HTTP that cannot be turned against the network we run in: every webhook and connector goes through here."""

from labsninja.kernel.outbound.addresses import find_refusal
from labsninja.kernel.outbound.client import OutboundClient, OutboundResponse, send_request
from labsninja.kernel.outbound.errors import (
    OutboundError,
    OutboundFailedError,
    OutboundRefusedError,
    OutboundTimeoutError,
    OutboundTooLargeError,
)
from labsninja.kernel.outbound.policy import OutboundPolicy, build_policy

__all__ = [
    "OutboundClient",
    "OutboundError",
    "OutboundFailedError",
    "OutboundPolicy",
    "OutboundRefusedError",
    "OutboundResponse",
    "OutboundTimeoutError",
    "OutboundTooLargeError",
    "build_policy",
    "find_refusal",
    "send_request",
]
