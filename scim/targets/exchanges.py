"""What was said to a target and what it answered, as the log of a sync job keeps it.

Headers are left out, for the token is one of them; secrets in bodies are hidden, and bodies end at 8 KB.
"""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from scim.redaction import HIDDEN, keep_body, keep_text, read_body

LONGEST_BODY: Final = 8 * 1024
WORDS: Final = 500


@dataclass(frozen=True, slots=True)
class Exchange:
    """`status` is None when no answer came; then `answer` says why. `place` is the address behind the base."""

    method: str
    place: str
    status: int | None
    milliseconds: int
    request: str
    answer: str

    def as_json(self) -> dict[str, Any]:
        """Plain values for a JSON column."""
        return {
            "method": self.method,
            "place": self.place,
            "status": self.status,
            "milliseconds": self.milliseconds,
            "request": self.request,
            "answer": self.answer,
        }


def keep_place(place: str) -> str:
    """An address with its query, decoded so that people can read it."""
    return keep_text(text=unquote(place))


def keep_content(content: bytes, *, token: str) -> str:
    """A body without secrets, among them the token itself. Of what cannot be read as JSON the size, and for a page of
    text its first words; of long JSON the size alone, for a secret cannot be found in half of it.
    """
    read = read_body(body=content)
    kept = keep_body(body=content, read=read)
    if read is None and not content.lstrip().startswith((b"{", b"[")):
        kept = f"{keep_text(text=content[:WORDS].decode('utf-8', 'replace'))} {kept}".strip()
    return (kept.replace(token, HIDDEN) if token else kept).encode()[:LONGEST_BODY].decode("utf-8", "ignore")
