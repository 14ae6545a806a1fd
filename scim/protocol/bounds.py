"""How much of anything a request may hold. What passes a bound gets a SCIM error, never a fault of the server."""

from typing import Final

BODY_BYTES: Final = 5 * 1024 * 1024
RESOURCE_BYTES: Final = 1024 * 1024
RESPONSE_BYTES: Final = 20 * 1024 * 1024

JSON_DEPTH: Final = 32
INTEGER_MIN: Final = -(2**63)
INTEGER_MAX: Final = 2**63 - 1

TEXT_BYTES: Final = 64 * 1024
INDEXED_CHARACTERS: Final = 1024
# A B-tree row of PostgreSQL holds 2,704 bytes, and folding lengthens some text: 1,024 characters alone could still
# overflow it. What is left beside this is for the tenant, the path and the key.
INDEXED_FOLDED_BYTES: Final = 2400

FILTER_BYTES: Final = 8 * 1024
FILTER_DEPTH: Final = 16
FILTER_TERMS: Final = 64
FILTER_SUBSTRING_TERMS: Final = 8

BULK_OPERATIONS: Final = 1000
PATCH_OPERATIONS: Final = 1000
PATCH_MEMBERS: Final = 10_000
# Values that all operations together look at, each once per term of a value path.
PATCH_COMPARISONS: Final = 200_000

PAGE_DEFAULT: Final = 100
PAGE_MAX: Final = 1000
