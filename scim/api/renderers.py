"""Answers: always application/scim+json, always complete bytes, so that a slow reader holds no worker."""

from collections.abc import Iterable
from typing import Any

import orjson
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

MEDIA_TYPE = "application/scim+json"


class ScimRenderer(BaseRenderer):
    """Passes bytes through (documents are stored as JSON text) and encodes everything else."""

    media_type = MEDIA_TYPE
    format = "scim"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """The body's bytes; none for an answer without content."""
        if data is None:
            return b""
        return data if isinstance(data, bytes) else orjson.dumps(data)


class AlwaysScim(BaseContentNegotiation):
    """Answers SCIM whatever Accept says: identity providers send */*, plain JSON or nothing, and a 406 helps nobody."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        """The one parser; it checks the media type itself."""
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The one renderer."""
        return next(iter(renderers)), MEDIA_TYPE
