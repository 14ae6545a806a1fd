"""Reading an answer's body under a bound that holds as sent and as decompressed: a gzip bomb is not unpacked."""

import zlib
from collections.abc import Iterable, Mapping

from labsninja.kernel.outbound.errors import OutboundFailedError, OutboundTooLargeError

GZIP = 16 + zlib.MAX_WBITS
PLAIN = {"", "identity"}


def read_body(*, chunks: Iterable[bytes], headers: Mapping[str, str], limit: int) -> bytes:
    """The decoded body; `limit` bytes bound it before and after. Raises OutboundTooLargeError, OutboundFailedError."""
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise OutboundTooLargeError(f"the answer is larger than {limit} bytes")
    bounded = _bound(chunks, limit)
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding in PLAIN:
        return b"".join(bounded)
    if encoding != "gzip":
        raise OutboundFailedError("the answer has a content encoding that was not asked for")
    return _gunzip(bounded, limit)


def _bound(chunks: Iterable[bytes], limit: int) -> Iterable[bytes]:
    received = 0
    for chunk in chunks:
        received += len(chunk)
        if received > limit:
            raise OutboundTooLargeError(f"the answer is larger than {limit} bytes")
        yield chunk


def _gunzip(chunks: Iterable[bytes], limit: int) -> bytes:
    body, decoder, received = bytearray(), zlib.decompressobj(GZIP), False
    for chunk in chunks:
        received = True
        try:
            body += decoder.decompress(chunk, limit - len(body) + 1)
        except zlib.error:
            raise OutboundFailedError("the answer is not the gzip it says it is") from None
        if len(body) > limit:
            raise OutboundTooLargeError(f"the answer is larger than {limit} bytes when decompressed")
    if received and (not decoder.eof or decoder.unused_data):
        raise OutboundFailedError("the answer is not the gzip it says it is")
    return bytes(body)
