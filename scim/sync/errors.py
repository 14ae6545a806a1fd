"""What is refused, in words for the person who asked."""


class SyncError(Exception):
    """Base of everything that sync refuses; the message can be shown."""


class UnknownConnectorError(SyncError):
    """The tenant has no such connector."""


class UnknownRunError(SyncError):
    """The tenant has no such run."""


class UnknownMappingError(SyncError):
    """The connector has no such mapping."""


class RefusedError(SyncError):
    """It cannot be done as things are. `field` names what of the input is wrong, '' when it is not the input."""

    def __init__(self, told: str, *, field: str = "") -> None:
        super().__init__(told)
        self.field = field
