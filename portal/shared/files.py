"""Answers that are files to keep: piece by piece as they are made, or written beforehand."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Any, cast

from django.http import FileResponse, HttpResponse, StreamingHttpResponse


def send_file(*, name: str, suffix: str, media_type: str, pieces: Iterator[bytes]) -> HttpResponse:
    """The pieces as they come, named by the day; what they read is read while they are sent.

    Nothing on the way may keep it: it holds what people wrote and sent.
    """
    headers = {
        "Content-Disposition": f'attachment; filename="{name}-{datetime.now(UTC):%Y-%m-%d}.{suffix}"',
        "Cache-Control": "no-store",
    }
    answer: Any = StreamingHttpResponse(pieces, content_type=media_type, headers=headers)
    return cast("HttpResponse", answer)  # what every view is said to give; the two share all that is asked of one


def send_written_file(*, file: IO[bytes], name: str) -> HttpResponse:
    """A file from its beginning, which the answer closes when it has been sent."""
    file.seek(0)
    answer: Any = FileResponse(file, as_attachment=True, filename=name)
    return cast("HttpResponse", answer)  # as above
