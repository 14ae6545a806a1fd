"""Request bodies: SCIM's media type or plain JSON, at most 5 MiB (RFC 7644 sections 3.1 and 8.1)."""

from typing import IO, Any

from rest_framework.parsers import BaseParser

from scim.protocol.errors import ScimError
from scim.protocol.json_input import JsonObject, parse_json_object

LARGEST_BODY = 5 * 1024 * 1024
MEDIA_TYPES = {"application/scim+json", "application/json", ""}


class ScimParser(BaseParser):
    """Gives the body as an object. Raises ScimError: 415, 413, or 400 for what is not well-formed."""

    media_type = "*/*"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> JsonObject:
        """Read and parse; a body that declares or has more than the limit is not read further."""
        if (media_type or "").partition(";")[0].strip().lower() not in MEDIA_TYPES:
            raise ScimError("The body has to be application/scim+json.", status=415)
        data = stream.read(LARGEST_BODY + 1)
        if len(data) > LARGEST_BODY:
            raise ScimError(f"The size of the body exceeds the maxPayloadSize ({LARGEST_BODY}).", status=413)
        return parse_json_object(data)
