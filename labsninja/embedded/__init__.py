"""PostgreSQL and Redis as child processes, and the supervisor of `make run`. Runs before Django's settings exist.

How it is safe: binaries of two wheels, never their servers; passwords (scram) for every role; a private socket folder;
from root, an unprivileged user; nothing outside LABSNINJA_HOME is written. Whoever comes first starts the services and
holds them for its lifetime; the others attach. When the starter is killed, the kernel tells the services to stop; one
that still runs at the next start is stopped cleanly and started anew, so that it always has a living parent.
"""

from labsninja.embedded.errors import EmbeddedError
from labsninja.embedded.services import Services, provide, services

__all__ = ["EmbeddedError", "Services", "provide", "services"]
