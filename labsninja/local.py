"""The environment of a process that was given no database: embedded services, and secrets that live beside their data.

A deployment with a DATABASE_URL brings its secrets itself; the start-up check names what is missing.
"""

import os
from hashlib import sha256

from labsninja.embedded import provide
from labsninja.embedded.account import find_account
from labsninja.embedded.home import Home
from labsninja.env import read

# One random file a secret; keys are its hash, since they must be 32 bytes of hex with an id.
LOCAL_SECRETS = ("LABSNINJA_SECRET_KEY", "LABSNINJA_TOKEN_PEPPERS", "LABSNINJA_ENCRYPTION_KEYS")


def complete_environment() -> None:
    """Put into os.environ what settings need and nobody set. Call before Django's settings load. Raises
    EmbeddedError.
    """
    given = {name: read(name) for name in ("DATABASE_URL", "REDIS_URL")}
    os.environ.update({name: url for name, url in given.items() if url})
    if not given["DATABASE_URL"]:
        _provide_secrets()
    if not all(given.values()):
        provide()


def _provide_secrets() -> None:
    home = Home(path=read("LABSNINJA_HOME"), account=find_account())
    home.prepare()
    for name in LOCAL_SECRETS:
        if not read(name):
            key = sha256(home.make_password(name.lower()).encode()).hexdigest()
            os.environ[name] = key if name == "LABSNINJA_SECRET_KEY" else f"local:{key}"
