"""Tables of the directory. The SCIM path reads and writes them by the SQL of `scim.store`; other surfaces through the
ORM.
"""

from scim.models.change import Change
from scim.models.resource import Resource

__all__ = ["Change", "Resource"]
