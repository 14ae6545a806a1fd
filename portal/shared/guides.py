"""Set-up guides, one for each kind of SCIM client, from the texts in content/guides.

Texts take the marks of portal/templatetags/prose.py; `{base}` stands for this deployment's SCIM base URL,
`{token}` for a sentence about the token. What a
provider sends is told from observed traffic and its own documentation; where nothing is known the guide says so.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "content" / "guides"
FOR_TOKEN: Final = "The token of this SCIM client. It is shown once."  # noqa: S105  # a sentence about tokens


@dataclass(frozen=True)
class Field:
    """One field of the provider's form under the provider's own name, and what belongs in it."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Guide:
    """`slug` is the kind of the SCIM client; `traps` are why nothing, or too little, happens after saving."""

    slug: str
    name: str
    summary: str
    place: str
    fields: tuple[Field, ...]
    steps: tuple[str, ...]
    traps: tuple[str, ...]
    sends: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """Makes the SCIM client and its token."""
        return f".venv/bin/python manage.py provision_tenant acme --kind {self.slug}"


def read_guide(path: Path) -> Guide:
    """A file is named by its place and its slug: 1-okta.toml. Raises TypeError for a key that a guide does not have."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    fields = tuple(
        Field(**field | {"value": field["value"].replace("{token}", FOR_TOKEN)}) for field in told.pop("fields")
    )
    lists = {key: tuple(value) for key, value in told.items() if isinstance(value, list)}
    return Guide(slug=path.stem.partition("-")[2], fields=fields, **told | lists)


GUIDES: Final = {guide.slug: guide for guide in map(read_guide, sorted(FOLDER.glob("*.toml")))}
