"""Samples that break and keep each rule of one file, as a table."""

from collections.abc import Callable, Iterator

from tests.house import layout_rules, size_rules, style_rules, text_rules
from tests.house.tree import Source

Rule = Callable[[Source], Iterator[str]]

DOC = '"""What it is."""\n'
HASH = "--hash=sha256:" + "0" * 64
MARKER = "todo".upper()
HOME = f"/{'home'}/anna"

# rule, files it looks at, path and text that break it, path and text that keep it
SAMPLES: list[tuple[Rule, str, tuple[str, str], tuple[str, str]]] = [
    (size_rules.find_long_module, ".py", ("scim/a.py", "x = 1\n" * 301), ("scim/a.py", "x = 1\n" * 300)),
    (
        size_rules.find_long_module,
        ".py",
        ("scim/a.py", "T = [\n" + "f(lambda: 0),\n" * 300 + "]"),
        ("scim/a.py", "T = [\n" + "1,\n" * 300 + "]"),
    ),
    (size_rules.find_short_module, ".py", ("scim/a.py", "x = 1\n" * 24), ("scim/apps.py", "x = 1\n" * 24)),
    (size_rules.find_short_module, ".py", ("scim/services/a.py", "x = 1\n" * 24), ("scim/services.py", "x = 1\n" * 24)),
    (
        size_rules.find_long_function,
        ".py",
        ("scim/a.py", "def f():\n" + "    x = 1\n" * 50),
        ("scim/a.py", "def f():\n" + "    x = 1\n" * 49),
    ),
    (size_rules.find_long_template, ".html", ("templates/a.html", "<p>\n" * 151), ("templates/a.html", "<p>\n" * 150)),
    (style_rules.find_missing_docstring, ".py", ("scim/a.py", "x = 1"), ("scim/__init__.py", "")),
    (style_rules.find_missing_docstring, ".py", ("scim/__init__.py", "x = 1"), ("scim/a.py", DOC)),
    (
        style_rules.find_bare_except,
        ".py",
        ("scim/a.py", "try:\n    f()\nexcept:\n    g()"),
        ("scim/a.py", "try:\n    f()\nexcept OSError:\n    g()"),
    ),
    (
        style_rules.find_signals,
        ".py",
        ("scim/a.py", "from django.dispatch import receiver"),
        ("scim/a.py", "import signal"),
    ),
    (
        style_rules.find_signals,
        ".py",
        ("scim/a.py", "from django.db.models import signals"),
        ("scim/a.py", "from django.db import models"),
    ),
    (
        style_rules.find_model_form,
        ".py",
        ("portal/a.py", "class A(forms.ModelForm):\n    pass"),
        ("portal/a.py", "class A(forms.Form):\n    pass"),
    ),
    (
        style_rules.find_drf_serializer,
        ".py",
        ("scim/api/a.py", "from rest_framework import serializers"),
        ("scim/api/a.py", "from rest_framework import views"),
    ),
    (
        style_rules.find_save_override,
        ".py",
        ("scim/models/a.py", "class A:\n    def save(self): f()"),
        ("scim/store/a.py", "class A:\n    def save(self): f()"),
    ),
    (
        style_rules.find_silencer_without_reason,
        ".py",
        ("scim/a.py", "x = 1  # noqa: E501"),
        ("scim/a.py", "x = 1  # noqa: E501  # a fixed text"),
    ),
    (
        style_rules.find_silencer_without_reason,
        ".py",
        ("scim/a.py", "x = 1  # type: ignore[misc]"),
        ("scim/a.py", "x = 1  # type: ignore[misc]  # stubs lack it"),
    ),
    (
        style_rules.find_silencer_without_reason,
        ".py",
        ("scim/a.py", "x = 1  # type: ignore[misc]  # noqa: E501"),
        ("scim/a.py", "x = '# noqa'"),
    ),
    (
        style_rules.find_silencer_without_reason,
        ".py",
        ("scim/a.py", "x = 1  # pragma: no cover"),
        ("scim/a.py", "x = 1  # pragma: no cover - only on macOS"),
    ),
    (
        style_rules.find_environment_read,
        ".py",
        ("scim/a.py", "x = os.environ['A']"),
        ("scim/a.py", "os.environ['A'] = x"),
    ),
    (
        style_rules.find_environment_read,
        ".py",
        ("scim/a.py", "x = os.environ.get('A')"),
        ("scim/a.py", "run(env={**os.environ})"),
    ),
    (
        style_rules.find_environment_read,
        ".py",
        ("scim/a.py", "x = os.getenv('A')"),
        ("labsninja/env.py", "x = os.getenv('A')"),
    ),
    (
        style_rules.find_unruly_service,
        ".py",
        ("scim/services/a.py", "def create_user(name): pass"),
        ("scim/services/a.py", "def create_user(*, name): pass"),
    ),
    (
        style_rules.find_unruly_service,
        ".py",
        ("audit/services.py", "def user(*, name): pass"),
        ("audit/services.py", "def _user(name): pass"),
    ),
    (
        style_rules.find_migration_without_lock_timeout,
        ".py",
        ("scim/migrations/0001_a.py", "operations = [CreateModel()]"),
        ("scim/migrations/0001_a.py", "operations = [rls.lock_timeout(), CreateModel()]"),
    ),
    (layout_rules.find_vague_name, ".py", ("scim/utils.py", DOC), ("scim/paths.py", DOC)),
    (layout_rules.find_vague_name, ".py", ("scim/helpers/a.py", DOC), ("scim/counterpart.py", DOC)),
    (layout_rules.find_vague_name, ".py", ("scim/parser_part2.py", DOC), ("scim/pagination2.py", DOC)),
    (
        text_rules.find_inline_code,
        ".html",
        ("templates/a.html", '<p style="width: 1%">'),
        ("templates/a.html", '<p data-style="x">{% include "b.html" with one="x" %}<script src="/a.js"></script>'),
    ),
    (text_rules.find_inline_code, ".html", ("templates/a.html", "<script>f()</script>"), ("templates/a.html", "<p>")),
    (text_rules.find_unfinished, "", ("README.md", f"{MARKER}: write"), ("README.md", "to do")),
    (
        text_rules.find_machine_path,
        "",
        ("docs/a.md", f"see {HOME}"),
        ("docs/a.md", "see var/home and example.com/home/x"),
    ),
    (
        text_rules.find_requirement_without_reason,
        ".in",
        ("requirements.in", "django==5.2.*"),
        ("requirements.in", "django==5.2.*  # the web framework"),
    ),
    (
        text_rules.find_requirement_without_hash,
        "requirements.txt",
        ("requirements.txt", "django==5.2"),
        ("requirements.txt", f"django==5.2 \\\n    {HASH}\n    # via x"),
    ),
    (
        text_rules.find_requirement_without_hash,
        "requirements-dev.txt",
        ("requirements.txt", "--find-links wheels"),
        ("requirements.txt", f"uvloop==1 ; os_name == 'posix' \\\n    {HASH}"),
    ),
]
