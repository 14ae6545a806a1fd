"""A page for every error the SCIM API answers with: what it means, why it comes, what to do.

Keywords are RFC 7644's (table 9) and RFC 9865's; errors without a keyword go by their HTTP status. The texts stand in
content/problems.toml and take the marks of portal/templatetags/prose.py.
"""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scim.protocol.errors import ScimError, ScimType, error_body

FILE: Final = Path(__file__).parent / "content" / "problems.toml"


@dataclass(frozen=True)
class Problem:
    """`code` is the keyword, or the status where there is none; `detail` an example of what the answer says."""

    code: str
    status: int
    section: str
    meaning: str
    detail: str
    causes: tuple[str, ...]
    remedies: tuple[str, ...]

    @property
    def is_keyword(self) -> bool:
        return not self.code.isdigit()

    @property
    def body(self) -> str:
        """The JSON of an answer with it."""
        scim_type = ScimType(self.code) if self.is_keyword else None
        error = ScimError(self.detail, scim_type=scim_type, status=self.status)
        return json.dumps(error_body(error), indent=2, ensure_ascii=False)


def read_problems() -> tuple[Problem, ...]:
    """Raises TypeError for a key that a problem does not have."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))["problems"]
    return tuple(Problem(causes=tuple(row.pop("causes")), remedies=tuple(row.pop("remedies")), **row) for row in told)


PROBLEMS: Final = read_problems()
BY_CODE: Final = {problem.code: problem for problem in PROBLEMS}
