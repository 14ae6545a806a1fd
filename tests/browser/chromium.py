"""Finds Debian's Chromium, or installs it where that is allowed. A machine without one fails the tests: no skipping."""

import os
import shutil
import subprocess

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
INSTALL = (
    ["apt-get", "-qq", "update"],
    ["apt-get", "-qq", "--yes", "--no-install-recommends", "install", "chromium"],
)
ARGUMENTS = [
    "--no-sandbox",  # tests may run as root, whom the sandbox refuses; every page is ours
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str:
    """Path of the browser."""
    found = _look()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in INSTALL:
            subprocess.run(command, check=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, timeout=600)
        found = _look()
    if found is None:
        pytest.fail("The browser tests need Chromium: apt-get install chromium", pytrace=False)
    return found


def _look() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path), None)
