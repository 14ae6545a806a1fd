"""Documents for those who connect an identity provider or read an error: guides, errors, how to verify a bundle."""

from pathlib import Path
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from audit import verify
from labsninja.kernel.edge import public_base_url
from portal.public.matrix import find_section
from portal.public.problems import BY_CODE, PROBLEMS
from portal.shared.caching import public_page
from portal.shared.guides import GUIDES, Guide

EXPORT: Final = """\
.venv/bin/python manage.py audit_export acme \\
  --from 2026-11-01 --to 2026-12-01 --output november.bundle
.venv/bin/python manage.py audit_keys acme > acme.keys"""
VERIFY: Final = """\
python verify.py november.bundle --key acme.keys
echo $?"""


@public_page
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "public/docs.html", _navigation())


@public_page
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    if slug not in GUIDES:
        raise Http404
    base = f"{public_base_url(request)}/scim/v2"
    return render(request, "public/guide.html", _navigation() | {"guide": GUIDES[slug], "base": base})


@public_page
def errors(request: HttpRequest) -> HttpResponse:
    return render(request, "public/problems.html", _navigation() | {"problems": PROBLEMS})


@public_page
def error(request: HttpRequest, code: str) -> HttpResponse:
    if code not in BY_CODE:
        raise Http404
    problem = BY_CODE[code]
    context = {"problem": problem, "section": find_section(problem.section)}
    return render(request, "public/problem.html", _navigation() | context)


@public_page
def audit(request: HttpRequest) -> HttpResponse:
    return render(request, "public/audit.html", _navigation() | {"export": EXPORT, "verify": VERIFY})


@public_page
def verifier(_request: HttpRequest) -> HttpResponse:
    """The file itself, as it runs here."""
    name = 'attachment; filename="verify.py"'
    text = Path(verify.__file__).read_text()
    return HttpResponse(text, content_type="text/x-python; charset=utf-8", headers={"Content-Disposition": name})


def _navigation() -> dict[str, list[Guide]]:
    return {"guides": list(GUIDES.values())}
