"""Versions as entity tags (RFC 7644 section 3.14, RFC 9110 sections 8.8.3 and 13.1).

A resource's version is a whole number; its tag is weak, since one version has many representations. SCIM compares tags
weakly, for If-Match too.
"""

import re
from typing import Final

from scim.protocol.errors import ScimError

_ANY: Final = "*"
_TAG: Final = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
# A header with more tags than this is read no further: nobody holds so many versions of one resource.
_MOST_TAGS: Final = 100


def format_etag(version: int) -> str:
    return f'W/"{version}"'


def check_if_match(header: str | None, *, version: int) -> None:
    """Pass when there is no If-Match header or one of its tags is the version's. Raises ScimError 412."""
    if header is not None and not _names_version(header, version):
        raise ScimError("The resource has changed since the version named in If-Match.", status=412)


def is_not_modified(header: str | None, *, version: int) -> bool:
    """Whether a GET with this If-None-Match header is answered by 304."""
    return header is not None and _names_version(header, version)


def _names_version(header: str, version: int) -> bool:
    """Whether the header is "*" or lists the version. What isn't a tag is no version of ours."""
    if header.strip() == _ANY:
        return True
    return str(version) in (match[1] for match, _ in zip(_TAG.finditer(header), range(_MOST_TAGS), strict=False))
