"""Expressions: compiled once against the schema in force, evaluated for each resource.

    expression = compile_expression("user.userName.lower().before('@')", resource_type=USER)
    expression.evaluate(document)

Only ExpressionError ever leaves either.
"""

from dataclasses import dataclass, field

from scim.mapping import limits
from scim.mapping.code import Runner
from scim.mapping.compiler import Compiler
from scim.mapping.errors import ExpressionError, LimitError, locate
from scim.mapping.parser import parse
from scim.mapping.run import NOWHERE, Run, Surroundings
from scim.mapping.shapes import shape_of_resource, variable_of
from scim.mapping.values import Kind, Value, check_result
from scim.protocol.json_input import JsonObject
from scim.protocol.schemas.definitions import ResourceType


@dataclass(frozen=True)
class Expression:
    """`references` are the paths of the attributes it reads; `kind` what it gives, where that is known."""

    source: str
    version: int
    kind: Kind
    references: tuple[str, ...]
    _variable: str = field(repr=False)
    _run: Runner = field(repr=False)

    def evaluate(self, document: JsonObject, surroundings: Surroundings = NOWHERE) -> Value:
        """The value for a canonical document with its id and meta. Raises ExpressionError."""
        run = Run({self._variable: document}, surroundings)
        try:
            return check_result(self._run(run), run)
        except ExpressionError as error:
            raise locate(error, self.source) from None
        except RecursionError:
            raise too_deep() from None
        except UnicodeEncodeError:
            raise ExpressionError("a value is not Unicode text") from None


def compile_expression(source: str, *, resource_type: ResourceType, version: int = limits.VERSION) -> Expression:
    """Raises ExpressionError."""
    if version not in limits.VERSIONS:
        raise ExpressionError(f"version {version} of the language is not known here")
    variable = variable_of(resource_type)
    try:
        compiler = Compiler({variable: shape_of_resource(resource_type)})
        code = compiler.build(parse(source))
    except ExpressionError as error:
        raise locate(error, source) from None
    except RecursionError:
        raise too_deep() from None
    return Expression(source, version, code.shape.kind, tuple(sorted(compiler.references)), variable, code.run)


def too_deep() -> LimitError:
    """Whoever calls from deep within leaves less room than the bound on depth counts on."""
    return LimitError("the expression nests too deep to be run from here")
