"""Each contract of the layers is broken on purpose in a copy of the tree and must turn red.

The forbidden imports stand here as the house's law has them, not derived from the contracts: a contract that loses a
layer or turns its order around fails.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT

SCIM = (
    "api",
    "sync",
    "services",
    "queries",
    "store",
    "models",
    "mapping",
    "capabilities",
    "targets",
    "redaction",
    "protocol",
)
TENANTS = ("admin", "services", "queries", "models", "plans")
OUTSIDE = (
    "django",
    "rest_framework",
    "psycopg",
    "celery",
    "redis",
    "httpx",
    "socket",
    "time",
    "pathlib",
    "os",
    "logging",
)
# importer: what it must not import, by contract
LAW: dict[str, dict[str, tuple[str, ...]]] = {
    "apps": {"audit": ("tenants", "scim", "portal"), "tenants": ("scim", "portal"), "scim": ("portal",)},
    "root": dict.fromkeys(("portal", "scim", "tenants", "audit"), ("labsninja.settings",)),
    "kernel": {"labsninja.kernel": ("portal", "scim", "tenants", "audit", "labsninja.settings", "labsninja.env")},
    "portal": {
        "portal.console": ("portal.customer", "portal.urls"),
        "portal.customer": ("portal.public",),
        "portal.public": ("portal.console",),
        "portal.shared": ("portal.console",),
        "portal.templatetags": ("portal.public",),
    },
    "portal-doors": {"portal": ("scim.models", "scim.store", "scim.api", "scim.targets")},
    "scim": {f"scim.{below}": (f"scim.{above}",) for above, below in pairwise(("admin", *SCIM))},
    "scim-pure": {"scim.protocol": OUTSIDE, "scim.mapping": OUTSIDE},
    "scim-targets": {"scim.targets": ("django", "psycopg", "celery", "httpx", "httpcore", "audit", "tenants")},
    "tenants": {f"tenants.{below}": (f"tenants.{above}",) for above, below in pairwise(TENANTS)},
    "audit": {
        "audit.services": ("audit.admin",),
        "audit.models": ("audit.services", "audit.queries", "audit.presenters"),
        "audit.actions": ("audit.models",),
        "audit.verify": ("audit.models",),
    },
    "wire": dict.fromkeys(
        ("audit", "tenants", "scim.services", "scim.store", "scim.sync", "labsninja.kernel"), ("rest_framework",)
    ),
}
FORBIDDEN = {
    contract: [(importer, imported) for importer, all_imported in law.items() for imported in all_imported]
    for contract, law in LAW.items()
}
EXHAUSTIVE = {"portal": "portal", "scim": "scim", "tenants": "tenants", "audit": "audit"}


def contracts() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [contract["id"] for contract in settings["tool"]["importlinter"]["contracts"]]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the packages and of the contracts."""
    ignored = shutil.ignore_patterns("__pycache__", "static", "*.html")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    program = "import importlinter.cli as cli; cli.lint_imports_command()"
    command = [sys.executable, "-c", program, "--no-cache", "--no-logo", *options]
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "1000"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def locate(folder: Path, module: str) -> Path:
    """The file of a module of the copy; a module that is not there yet is made."""
    base = folder.joinpath(*module.split("."))
    if (base / "__init__.py").exists():
        return base / "__init__.py"
    base.with_suffix(".py").touch()
    return base.with_suffix(".py")


def plant(folder: Path, importer: str, imported: str) -> None:
    if imported.partition(".")[0] in PACKAGES:
        locate(folder, imported)
    with locate(folder, importer).open("a") as file:
        file.write(f"\nimport {imported}\n")


def test_tree_keeps_every_contract() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_contract_is_broken_here() -> None:
    assert set(FORBIDDEN) == set(contracts())


@pytest.mark.parametrize("contract", FORBIDDEN)
def test_contract_refuses_every_forbidden_import(copy: Path, contract: str) -> None:
    for importer, imported in FORBIDDEN[contract]:
        plant(copy, importer, imported)
    result = lint(copy, "--contract", contract)
    assert result.returncode == 1, result.stdout + result.stderr
    found = set(re.findall(r"([\w.]+) -> ([\w.]+) \(", result.stdout))
    assert set(FORBIDDEN[contract]) - found == set(), result.stdout


@pytest.mark.parametrize(("contract", "package"), EXHAUSTIVE.items())
def test_module_without_a_place_in_the_layers_is_refused(copy: Path, contract: str, package: str) -> None:
    (copy / package / "newcomer.py").touch()
    result = lint(copy, "--contract", contract)
    assert result.returncode == 1
    assert f"- {package}.newcomer" in result.stdout


def test_kernel_is_open_to_everybody(copy: Path) -> None:
    for package in ("portal", "scim", "tenants", "audit"):
        plant(copy, package, "labsninja.kernel")
    assert lint(copy, "--contract", "root").returncode == lint(copy, "--contract", "apps").returncode == 0
