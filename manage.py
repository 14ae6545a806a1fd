#!/usr/bin/env python
"""Django's command line. Without DATABASE_URL it attaches to the embedded services, or starts them for its own
lifetime.
"""

import os
import sys

from labsninja.embedded import EmbeddedError
from labsninja.local import complete_environment

# These look at code alone; everything else gets a database.
WITHOUT_SERVICES = {"help", "version", "collectstatic", "provision_roles", "settings_doc"}


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labsninja.settings")
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "help")
    try:
        if command not in WITHOUT_SERVICES and "--help" not in sys.argv:
            complete_environment()
    except EmbeddedError as error:
        sys.exit(f"error: {error}")
    from django.core.management import execute_from_command_line  # reads settings, which read the environment

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
