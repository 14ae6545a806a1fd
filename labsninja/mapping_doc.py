"""docs/mapping-language.md: the language of attribute mappings, written by `manage.py mapping_doc`.

Functions and bounds come from the tables of the language, and the messages of the mistakes from the language itself.
"""

from collections.abc import Iterable
from typing import Final

from labsninja.env import PROJECT_ROOT
from scim.mapping import limits
from scim.mapping.errors import ExpressionError
from scim.mapping.expressions import compile_expression
from scim.mapping.functions.definition import Function
from scim.mapping.functions.table import SECTIONS
from scim.protocol.schemas import USER

PAGE = PROJECT_ROOT / "docs" / "mapping-language.md"
HEAD: Final = """\
# The mapping language

An expression makes the value of one attribute at a target from a resource of the directory. The language is a
bounded subset of
[CEL](https://cel.dev), version {version}; why it is ours: [ADR 35](adr/0035-own-mapping-language.md).

## The resource

`user` is a User, `group` a Group, and a type of your own has its name with a small first letter. Attributes stand
behind a point, in any
case, and are checked against the schemas in force when the expression is saved:

| expression | gives |
|---|---|
{places}
An attribute that is not assigned is empty (`null`), and so is everything read from it. A function whose first
argument is empty gives empty,
or what its row below says. `+` and comparisons refuse what is empty: say `coalesce(value, '')`.

## Operators

From the loosest to the tightest: `? :`, `||`, `&&`, then `== != < <= > >= in`, then `+ -`, then `* / %`, then `!`
and `-` in front.
They take two values of one kind: text is not added to numbers, and only truths are joined by `||` and `&&`.
Division of whole numbers cuts
off. Text stands in `'` or `"`, with `\\` in front of what would end it, or as `r'…'` without such; `//` begins a
remark.

| expression | gives |
|---|---|
{operators}
Lists have `list.filter(e, condition)`, `list.map(e, value)`, `list.exists(e, condition)` and `list.all(e,
condition)`, where `e` is any
name. `iif(condition, yes, no)` is `condition ? yes : no`.
"""
FOOT: Final = """
## Mistakes

An error says where it is and often what was meant; it never repeats a value of a person.

| expression | message |
|---|---|
{mistakes}
## Bounds

| of | at most |
|---|---|
{bounds}
This page is generated from `scim/mapping` by `manage.py mapping_doc`.
"""

PLACES: Final = (
    ("user.userName", '"Zoë.Müller@example.com"'),
    ("user.name.givenName", '"Zoë"'),
    ("user.department", '"Research"'),
    ("user['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'].department", '"Research"'),
    ("user.emails[0].value", '"zoe@home.example"'),
    ("user.emails.filter(e, e.type == 'work')[0].value", '"zoe.mueller@example.com"'),
    ("user.phoneNumbers[0].value", "null"),
)
OPERATORS: Final = (
    ("user.name.givenName + ' ' + user.name.familyName", '"Zoë Müller"'),
    ("user.active ? 'enabled' : 'disabled'", '"enabled"'),
    ("user.userType in ['Employee', 'Intern'] && !user.title.startsWith('Chief')", "true"),
    ("-7 / 2", "-3"),
    ("[{'type': 'work', 'value': user.userName.lower()}]", '[{"type":"work","value":"zoë.müller@example.com"}]'),
)
MISTAKES: Final = (
    "user.userNam",
    "lowr(user.userName)",
    "user.emails.value",
    "user.name.givenName + 1",
    "user.title.matches('(?=a)')",
    "user.password",
)


def render_language() -> str:
    """The whole page as Markdown; the same text on every machine."""
    places, operators = _render_examples(PLACES), _render_examples(OPERATORS)
    sections = [f"\n## {name}\n\n{_render_functions(functions)}" for name, functions in SECTIONS.items()]
    mistakes = "".join(f"| {_code(source)} | {_message(source)} |\n" for source in MISTAKES)
    head = HEAD.format(version=limits.VERSION, places=places, operators=operators)
    return "".join((head, *sections, FOOT.format(mistakes=mistakes, bounds=_render_bounds())))


def _render_functions(functions: Iterable[Function]) -> str:
    rows = [
        f"| {_code(function.signature)} | {function.summary} | {_code(source)} is {_code(result)} |\n"
        for function in functions
        for source, result in function.examples
    ]
    return "| function | gives | example |\n|---|---|---|\n" + "".join(rows)


def _render_examples(examples: Iterable[tuple[str, str]]) -> str:
    return "".join(f"| {_code(source)} | {_code(result)} |\n" for source, result in examples)


def _render_bounds() -> str:
    bounds = (
        ("characters of an expression", limits.SOURCE_CHARACTERS),
        ("levels of brackets, or links of a chain", limits.DEPTH),
        ("parts of an expression", limits.NODES),
        ("steps of one evaluation", limits.FUEL),
        ("characters of a text", limits.TEXT_CHARACTERS),
        ("elements of a list", limits.LIST_ELEMENTS),
        ("characters of a pattern", limits.PATTERN_CHARACTERS),
        ("whole numbers", limits.INT_MAX),
    )
    return "".join(f"| {name} | {most:,} |\n" for name, most in bounds)


def _message(source: str) -> str:
    try:
        compile_expression(source, resource_type=USER)
    except ExpressionError as error:
        return str(error).replace("|", "\\|")
    raise ValueError(f"{source} is no mistake")


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"
