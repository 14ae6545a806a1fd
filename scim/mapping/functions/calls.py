"""A call as a closure: number and kinds of its arguments are checked, what they and the result hold is bounded."""

from collections.abc import Sequence

from scim.mapping.code import Code, Runner
from scim.mapping.errors import ExpressionError, placed
from scim.mapping.functions.definition import Function, Parameter
from scim.mapping.operations import EMPTY_HINT
from scim.mapping.run import Run
from scim.mapping.shapes import Shape
from scim.mapping.values import KINDS, Kind, Value, check_list, check_text, kind_of


def compile_call(function: Function, at: int, arguments: Sequence[Code]) -> Code:
    """Raises ExpressionError."""
    _check_count(function, at, len(arguments))
    parameters = [function.parameter(index) for index in range(len(arguments))]
    runs = [_compile_argument(function, *pair, at) for pair in zip(parameters, arguments, strict=True)]
    checked = [(index, _types_of(found)) for index, found in enumerate(parameters) if found.prepare is None]
    skips_empty = bool(parameters) and not parameters[0].takes_empty

    def run_call(run: Run) -> Value:
        values = [inner(run) for inner in runs]
        if skips_empty and values[0] is None:
            return function.empty
        try:
            for index, types in checked:
                if type(values[index]) not in types:
                    _check_kind(function, parameters[index], kind_of(values[index]))
            run.spend_on(*values)
            return _check_size(function.apply(*((run, *values) if function.uses_run else values)))
        except ExpressionError as error:
            raise placed(error, at) from None

    shape = Shape(function.result)
    if function.result is Kind.ANY and arguments and parameters[0].kinds == {Kind.LIST}:
        shape = arguments[0].shape.elements
    elif function.result is Kind.LIST and arguments and arguments[0].shape.kind is Kind.LIST:
        shape = arguments[0].shape
    return Code(run_call, shape, 1 + sum(argument.cost for argument in arguments))


def _check_count(function: Function, at: int, count: int) -> None:
    too_many = function.most is not None and count > function.most
    if count < function.least or too_many:
        raise ExpressionError(f"{function.name} is called as {function.signature}", at)
    if function.name == "switch" and count % 2:
        raise ExpressionError("switch needs a value after each key", at)


def _compile_argument(function: Function, parameter: Parameter, argument: Code, at: int) -> Runner:
    if parameter.prepare is None:
        if argument.shape.kind not in (Kind.ANY, Kind.EMPTY):
            try:
                _check_kind(function, parameter, argument.shape.kind)
            except ExpressionError as error:
                raise placed(error, at) from None
        return argument.run
    if not isinstance(argument.constant, str):
        raise ExpressionError(f"the {parameter.name} of {function.name} is written as text in quotes", at)
    try:
        prepared = parameter.prepare(argument.constant)
    except ExpressionError as error:
        raise placed(error, at) from None
    return lambda _run: prepared


def _types_of(parameter: Parameter) -> frozenset[type]:
    """Which values fit, by type: it is asked of every argument of every call, and types are looked up faster."""
    kinds = parameter.kinds | {Kind.EMPTY} if parameter.takes_empty else parameter.kinds
    return frozenset(found for found, kind in KINDS.items() if kind in kinds)


def _check_kind(function: Function, parameter: Parameter, kind: Kind) -> None:
    if kind in parameter.kinds or (kind is Kind.EMPTY and parameter.takes_empty):
        return
    wanted = " or ".join(sorted(parameter.kinds))
    hint = EMPTY_HINT if kind is Kind.EMPTY else ""
    if kind is Kind.LIST:
        hint = "use .filter(e, ...) or [0] first"
    raise ExpressionError(f"{function.name} takes {wanted} as its {parameter.name}, not {kind}", hint=hint)


def _check_size(value: Value) -> Value:
    if isinstance(value, str):
        return check_text(value)
    return check_list(value) if isinstance(value, list) else value
