"""Builds the committed style sheet, and tells without Node whether it still fits its sources.

    python -m assets.build            needs npm: installs what package-lock.json pins, builds, writes the digest
    python -m assets.build --check    compares digests, and rebuilds to compare bytes where npm is found

What the style sheet is made of: app.css, package-lock.json, and the set of classes in the templates. Prose does not
count, so a page's words change without a build.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "assets"
BUILT = ROOT / "portal" / "static" / "lnj" / "app.css"
SOURCES = (ASSETS / "app.css", ASSETS / "package-lock.json")
MARK = "/* Built by make assets; do not edit. sources: {} */\n"
# class="..." and class='...', in templates and in Python that writes markup.
CLASS = re.compile(r"""\bclass=(?:"([^"]*)"|'([^']*)')""", re.DOTALL)
STUMP = "\N{REPLACEMENT CHARACTER}"
LOGIC = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


def list_templates() -> Iterator[Path]:
    """All but those of Django's admin, which has style sheets of its own."""
    yield from (path for path in sorted((ROOT / "templates").rglob("*.html")) if path.parent.name != "admin")
    yield from sorted((ROOT / "portal").rglob("*.html"))
    yield from sorted((ROOT / "portal").rglob("*.py"))


def find_classes(text: str) -> set[str]:
    """Classes as they are written, in attributes and as arguments of template tags.

    A name put together by template logic leaves a stump that no style has.
    """
    parts = (LOGIC.sub(STUMP, text), *LOGIC.findall(text))
    quoted = (double or single for part in parts for double, single in CLASS.findall(part))
    return {name.replace(STUMP, "") for value in quoted for name in value.split()} - {""}


def collect_classes() -> list[str]:
    return sorted({name for path in list_templates() for name in find_classes(path.read_text(encoding="utf-8"))})


def compute_digest() -> str:
    digest = sha256()
    for path in SOURCES:
        digest.update(path.read_bytes())
    digest.update("\n".join(collect_classes()).encode())
    return digest.hexdigest()


def read_digest() -> str:
    """The digest in the head of the committed style sheet; empty when there is none."""
    head = BUILT.read_text(encoding="utf-8").partition("\n")[0] if BUILT.exists() else ""
    match = re.search(r"sources: ([0-9a-f]{64})", head)
    return match.group(1) if match else ""


class NoPackagesError(Exception):
    """npm could not get what the lock file pins."""


def render(npm: str) -> str:
    """The style sheet as its sources give it now. Raises NoPackagesError; CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in ("app.css", "package.json", "package-lock.json"):
            shutil.copy(ASSETS / name, work)
        (work / "build").mkdir()
        (work / "build" / "classes.txt").write_text("\n".join(collect_classes()), encoding="utf-8")
        install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        if subprocess.run(install, cwd=work, check=False, stdout=subprocess.DEVNULL).returncode:
            raise NoPackagesError("npm ci failed")
        subprocess.run([npm, "run", "--silent", "build"], cwd=work, check=True, capture_output=True)
        built = (work / "build" / "app.css").read_text(encoding="utf-8").rstrip("\n")
    return MARK.format(compute_digest()) + built + "\n"


def check(npm: str | None) -> str:
    """What is wrong with the committed style sheet; empty when it is current."""
    if read_digest() != compute_digest():
        return "portal/static/lnj/app.css was built from other sources: run make assets (needs Node) and commit it"
    if npm is None:
        sys.stdout.write("npm is not here: compared the digest of the sources, did not rebuild\n")
        return ""
    try:
        built = render(npm)
    except NoPackagesError as error:  # no network: not a fault of the style sheet
        sys.stdout.write(f"{error}: compared the digest of the sources, did not rebuild\n")
        return ""
    if built != BUILT.read_text(encoding="utf-8"):
        return "portal/static/lnj/app.css is not what its sources build: run make assets and commit it"
    sys.stdout.write("rebuilt with npm: the same bytes\n")
    return ""


def main() -> int:
    npm = shutil.which("npm")
    if "--check" in sys.argv:
        fault = check(npm)
        sys.stderr.write(f"{fault}\n" if fault else "")
        return int(bool(fault))
    if npm is None:
        sys.stderr.write("make assets needs Node with npm (20 or newer); running LabsNinja does not\n")
        return 1
    BUILT.write_text(render(npm), encoding="utf-8")
    sys.stdout.write(f"{BUILT.relative_to(ROOT)}: {BUILT.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
