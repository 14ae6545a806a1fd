"""Why an outbound request had no answer.

Messages are shown to operators: they name the host, the port and the reason, never a path or a query, which may
hold secrets, and never the address a name resolved to, which may be a secret of the network we run in.
"""


class OutboundError(Exception):
    """Base of all four. `sent` tells whether a byte of the request left: only if not is repeating it harmless."""

    def __init__(self, message: str, *, sent: bool = False) -> None:
        super().__init__(message)
        self.sent = sent


class OutboundRefusedError(OutboundError):
    """The guard said no: the URL, the port, a header or an address is not allowed."""


class OutboundTimeoutError(OutboundError):
    """The time for connecting, or for the whole exchange, was up."""


class OutboundTooLargeError(OutboundError):
    """The answer is larger than the policy's bound, as sent or decompressed."""


class OutboundFailedError(OutboundError):
    """The target could not be reached, did not prove who it is, or does not speak proper HTTP."""
