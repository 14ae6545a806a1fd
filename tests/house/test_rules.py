"""The rules of the house: each fires on a bad sample and spares a good one, and the tree keeps all of them."""

import textwrap
import tomllib
from collections.abc import Iterable

import pytest

from tests.house import layout_rules, size_rules, style_rules, text_rules
from tests.house.samples import DOC, SAMPLES, Rule
from tests.house.tree import PACKAGES, ROOT, Source, project_files

IDS = [f"{number}-{sample[0].__name__}" for number, sample in enumerate(SAMPLES)]
RULES = dict.fromkeys((rule, suffix) for rule, suffix, _, _ in SAMPLES)


def refuse(found: Iterable[str]) -> None:
    """Fails with one line for each finding and nothing around them."""
    if report := "\n".join(found):
        pytest.fail(report, pytrace=False)


@pytest.mark.parametrize(("rule", "bad"), [(sample[0], sample[2]) for sample in SAMPLES], ids=IDS)
def test_rule_fires_on_a_bad_sample(rule: Rule, bad: tuple[str, str]) -> None:
    assert list(rule(Source(*bad)))


@pytest.mark.parametrize(("rule", "good"), [(sample[0], sample[3]) for sample in SAMPLES], ids=IDS)
def test_rule_spares_a_good_sample(rule: Rule, good: tuple[str, str]) -> None:
    assert list(rule(Source(*good))) == []


@pytest.mark.parametrize(("rule", "suffix"), list(RULES), ids=[f"{rule.__name__}{suffix}" for rule, suffix in RULES])
def test_tree_keeps_the_rule(rule: Rule, suffix: str) -> None:
    refuse([f"{source.path}: {found}" for source in project_files(suffix) for found in rule(source)])


def test_every_rule_of_one_file_has_a_sample() -> None:
    modules = (size_rules, style_rules, text_rules, layout_rules)
    rules = {function for module in modules for name, function in vars(module).items() if name.startswith("find_")}
    assert rules - {rule for rule, _ in RULES} == {
        layout_rules.find_shadows,
        layout_rules.find_dead_modules,
        layout_rules.find_packages_without_contract,
        text_rules.find_requirement_not_compiled,
        text_rules.find_dead_link,
    }


SHADOW = [
    Source("labsninja/redis.py", DOC),
    Source("labsninja/settings.py", "from django.conf import x\nimport redis.client"),
    Source("labsninja/logging.py", DOC),
    Source("labsninja/env.py", "import logging"),
    Source("scim/resource.py", "import labsninja.redis"),
]


def test_shadowing_of_a_neighbors_import_is_found() -> None:
    found = list(layout_rules.find_shadows(SHADOW))
    assert [line.partition(" ")[0] for line in found] == ["labsninja/redis.py", "labsninja/logging.py"]


def test_tree_shadows_nothing() -> None:
    refuse(layout_rules.find_shadows([source for source in project_files(".py") if source.is_product]))


LIVING = {
    "manage.py": "os.environ['DJANGO_SETTINGS_MODULE'] = 'labsninja.settings'",
    "labsninja/settings.py": "URLS = 'scim.api.urls'\nHANDLER = 'scim.api.exceptions.answer'",
    "scim/api/urls.py": "from scim.api.views import users\nimport scim.store.rows",
    "scim/api/exceptions.py": DOC,
    "scim/api/views/users.py": "from scim.api.views.users import me",
    "scim/store/rows.py": DOC,
    "scim/store/dead.py": "import scim.store.dead",
    "audit/verify.py": "if __name__ == '__main__':\n    f()",
}


def test_module_that_nobody_imports_is_found() -> None:
    found = list(layout_rules.find_dead_modules([Source(path, text) for path, text in LIVING.items()]))
    assert found == ["scim/store/dead.py: nobody imports it"]


def test_tree_has_no_dead_module() -> None:
    refuse(layout_rules.find_dead_modules(list(project_files(".py"))))


def test_package_without_contract_is_found() -> None:
    assert list(layout_rules.find_packages_without_contract(["scim", "extra"], ["scim", "gone"])) != []


def test_contracts_know_every_package() -> None:
    roots = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
    packages = {source.folders[0] for source in project_files("__init__.py") if len(source.folders) == 1} - {"tests"}
    assert set(PACKAGES) == packages
    refuse(layout_rules.find_packages_without_contract(packages, roots))


def test_requirement_that_was_not_compiled_is_found() -> None:
    source = Source("requirements.in", textwrap.dedent("""\
        Django_Thing==1.*   # a reason
        celery[redis]       # a reason
        missing             # a reason
    """))  # fmt: skip
    found = list(text_rules.find_requirement_not_compiled(source, "django-thing==1.2 \\\ncelery[redis]==5 \\\n"))
    assert found == ["missing is not in the compiled file: make requirements"]


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_requirements_are_compiled(name: str) -> None:
    source = Source(f"{name}.in", (ROOT / f"{name}.in").read_text())
    refuse(text_rules.find_requirement_not_compiled(source, (ROOT / f"{name}.txt").read_text()))


def test_dead_link_is_found() -> None:
    source = Source("docs/a.md", "[here](../pyproject.toml#top) [away](https://example.com) [gone](gone.md)")
    assert list(text_rules.find_dead_link(source, ROOT)) == ["link to gone.md, which does not exist"]


def test_links_of_the_documents_lead_somewhere() -> None:
    refuse(f"{page.path}: {dead}" for page in project_files(".md") for dead in text_rules.find_dead_link(page, ROOT))


def test_every_document_is_listed() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    pages = [page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")]
    refuse(
        f"docs/{page} is not listed in docs/README.md" for page in pages if page != "README.md" and page not in index
    )
