"""Style of one module: what it says about itself, what it must not use, how services are written."""

import ast
import re
from collections.abc import Iterator

from tests.house.tree import Source

# A public service begins with one of these. A new verb is welcome: add it, in its alphabetical place.
VERBS = frozenset(
    """
    accept acquire activate add append apply approve archive assert attach authenticate authorize begin bind build bump
    cancel canonicalize change check claim clear close collect compare compile complete compute confirm count
    create deactivate decide define delete deliver describe destroy digest disable discard dispatch draw drop enable end
    ensure enter erase evaluate execute expect expire export extend fail fetch find finish flush fold forget generate
    get give grant import infer insert invalidate invite issue join keep leave list load lock look make mark match merge
    migrate move mute name note notify open parse patch pause perform plan prepare preview probe process prove provide
    provision prune publish purge put queue quote read rebuild reconcile record refresh refuse register release remove
    rename render renew reorder repair replace replay report request reserve reset resolve restore resume retire retry
    return revert revoke rotate run save schedule seal search send set share shorten show sign simulate spend start stop
    store suspend sweep sync take tell touch transfer undo unlink unlock unwrap update upsert use validate verify warn
    withdraw wrap write
    """.split()  # noqa: SIM905  # a column of quoted words would be a page long
)
PREDICATES = {"can", "has", "is", "matches"}
SIGNAL_MODULES = ("django.dispatch", "django.db.models.signals", "django.core.signals", "django.contrib.auth.signals")
# A marker that silences a tool, and what must follow it: a reason of at least two words.
SILENCER = re.compile(
    r"#\s*(?:type:\s*ignore(?:\[[\w, -]+\])?"
    r"|noqa(?::\s*[A-Z]+\d+(?:[, ]+[A-Z]+\d+)*)?"
    r"|pragma:\s*no\s*\w+)"
)
REASON = re.compile(r"\W*\w+\W+\w+")


def find_missing_docstring(source: Source) -> Iterator[str]:
    is_empty_folder_marker = source.name == "__init__" and not source.text.strip()
    if not is_empty_folder_marker and not ast.get_docstring(source.tree):
        yield "no docstring: say what the module is"


def find_bare_except(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            yield f"line {node.lineno}: bare except"


def find_signals(source: Source) -> Iterator[str]:
    for module, line in _imports(source):
        if module.startswith(SIGNAL_MODULES):
            yield f"line {line}: signals hide who calls whom; call the function"


def find_model_form(source: Source) -> Iterator[str]:
    """The generated forms of the admin remain; ours are plain forms that call services."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and any(_last_name(base) == "ModelForm" for base in node.bases):
            yield f"line {node.lineno}: {node.name} is a ModelForm; write a Form that calls a service"


def find_drf_serializer(source: Source) -> Iterator[str]:
    if source.folders[:1] == ("scim",):
        for module, line in _imports(source):
            if module.startswith("rest_framework.serializers"):
                yield f"line {line}: the protocol validates SCIM bodies, not a serializer"


def find_save_override(source: Source) -> Iterator[str]:
    """Only in models: elsewhere `save` may be any method."""
    if source.is_product and "models" in (*source.folders, source.name):
        for function in source.functions:
            if function.name in {"save", "delete"} and function.args.args[:1] and function.args.args[0].arg == "self":
                yield f"line {function.lineno}: logic in {function.name}(); services hold the logic"


def find_silencer_without_reason(source: Source) -> Iterator[str]:
    for line, comment in source.comments:
        silencers = list(SILENCER.finditer(comment))
        if silencers and not REASON.match(comment, silencers[-1].end()):
            yield f"line {line}: {silencers[-1].group()} without a reason beside it"


def find_environment_read(source: Source) -> Iterator[str]:
    """Settings come from the one table; passing the whole environment to a child is no reading."""
    for node in ast.walk(source.tree) if source.is_product and source.module != "labsninja.env" else ():
        is_item = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)
        if is_item or isinstance(node, ast.Attribute):
            text = ast.unparse(node)
            if text.startswith("os.environ[") or text in {"os.environ.get", "os.getenv"}:
                yield f"{text}: read a setting through labsninja.env"


def find_unruly_service(source: Source) -> Iterator[str]:
    """The composition root has no such layer: what it calls services are processes."""
    is_service = source.name == "services" or "services" in source.folders
    if not source.is_product or not is_service or source.folders[0] == "labsninja":
        return
    for node in source.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            if node.args.args or node.args.posonlyargs:
                yield f"{node.name}: takes positional arguments; services are keyword-only"
            if node.name.split("_")[0] not in VERBS | PREDICATES:
                yield f"{node.name}: does not begin with a verb that the house knows (VERBS in {__name__})"


def find_migration_without_lock_timeout(source: Source) -> Iterator[str]:
    if not source.is_migration:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "operations":
            first = node.value.elts[0] if isinstance(node.value, ast.List) and node.value.elts else None
            if isinstance(first, ast.Call) and _last_name(first.func) == "lock_timeout":
                return
    yield "its first operation is not lock_timeout()"


def _imports(source: Source) -> Iterator[tuple[str, int]]:
    """Dotted names imported, `from a import b` as a.b, with their lines."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((name.name, node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module or ''}.{name.name}", node.lineno) for name in node.names)


def _last_name(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]
