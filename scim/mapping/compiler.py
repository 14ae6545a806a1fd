"""A tree becomes closures, and is checked against the schema on the way.

Whatever can be known without a resource is known here: attributes, functions, numbers of arguments, patterns, and kinds
that never fit. A closure takes the Run and gives the value.
"""

from functools import singledispatchmethod
from typing import Final

from scim.mapping import operations
from scim.mapping.branches import MACROS, either, shape_of_result, truth_at, unreadable
from scim.mapping.code import Code
from scim.mapping.errors import ExpressionError, placed, suggest
from scim.mapping.functions.calls import compile_call
from scim.mapping.functions.table import FUNCTIONS
from scim.mapping.nodes import (
    Binary,
    Call,
    Conditional,
    Index,
    ListOf,
    Literal,
    Macro,
    MapOf,
    Member,
    Name,
    Node,
    Unary,
)
from scim.mapping.run import Run
from scim.mapping.shapes import ANYTHING, MemberShape, Shape, find_member
from scim.mapping.values import Kind, Value, kind_of

_PARTS_OF_CONDITION: Final = 3  # what is asked, and the two that follow from it
_TRUTH: Final = Shape(Kind.TRUTH)
_READABLE: Final = frozenset({Kind.LIST, Kind.ANY, Kind.EMPTY})


class Compiler:
    """`references` are the paths of the attributes that were read."""

    def __init__(self, variables: dict[str, Shape]) -> None:
        self._variables = dict(variables)
        self.references: set[str] = set()

    @singledispatchmethod
    def build(self, node: Node) -> Code:
        raise ExpressionError("a part of the expression is unknown", node.at)

    @build.register
    def _(self, node: Literal) -> Code:
        value = node.value
        return Code(lambda _run: value, Shape(kind_of(value)), 1, value)

    @build.register
    def _(self, node: Name) -> Code:
        name = node.name
        if name not in self._variables:
            hint = suggest(name, self._variables) or "text stands in quotes, and attributes behind the resource's name"
            raise ExpressionError(f"there is no variable '{name[:100]}'", node.at, hint=hint)
        return Code(lambda run: run.values[name], self._variables[name], 1)

    @build.register
    def _(self, node: Member) -> Code:
        target = self.build(node.target)
        return self._read(target, find_member(target.shape, node.name, node.at), node.at)

    @build.register
    def _(self, node: Index) -> Code:
        target, key = self.build(node.target), self.build(node.key)
        if isinstance(key.constant, str):
            return self._read(target, find_member(target.shape, key.constant, node.key.at), node.at)
        if target.shape.kind is Kind.OBJECT and target.shape.members is not None:
            raise ExpressionError("an attribute is named by text in quotes, so that it can be checked", node.key.at)
        _expect(target, _READABLE | {Kind.OBJECT}, "[ ] looks into a list or an object", node.at)
        at = node.at

        def run_index(run: Run) -> Value:
            try:
                return operations.read_element(target.run(run), key.run(run))
            except ExpressionError as error:
                raise placed(error, at) from None

        return Code(run_index, target.shape.elements, target.cost + key.cost + 1)

    def _read(self, target: Code, member: MemberShape, at: int) -> Code:
        if member.shape.path:
            self.references.add(member.shape.path)
        inner, keys = target.run, member.keys

        def run_member(run: Run) -> Value:
            value = inner(run)
            for key in keys:
                if type(value) is dict:
                    value = value.get(key)
                elif value is not None:
                    raise unreadable(value, key, at)
            return value

        return Code(run_member, member.shape, target.cost + 1)

    @build.register
    def _(self, node: Unary) -> Code:
        operand = self.build(node.operand)
        allowed = {Kind.TRUTH} if node.operator == "!" else {Kind.WHOLE, Kind.FRACTION}
        _expect(operand, allowed, f"{node.operator} does not fit", node.at)
        operate = operations.negate if node.operator == "-" else lambda value: not operations.as_truth(value)
        at = node.at

        def run_unary(run: Run) -> Value:
            value = operand.run(run)
            try:
                return operate(value)
            except ExpressionError as error:
                raise placed(error, at) from None

        return Code(run_unary, _TRUTH if node.operator == "!" else operand.shape, operand.cost + 1)

    @build.register
    def _(self, node: Binary) -> Code:
        left, right = self.build(node.left), self.build(node.right)
        cost = left.cost + right.cost + 1
        if node.operator in ("||", "&&"):
            _expect(left, {Kind.TRUTH}, f"{node.operator} joins true or false", node.left.at)
            _expect(right, {Kind.TRUTH}, f"{node.operator} joins true or false", node.right.at)
            return Code(either(left.run, right.run, node, deciding=node.operator == "||"), _TRUTH, cost)
        operate, at = operations.BINARY[node.operator], node.at

        def run_binary(run: Run) -> Value:
            one, two = left.run(run), right.run(run)
            try:
                return operate(one, two, run)
            except ExpressionError as error:
                raise placed(error, at) from None

        return Code(run_binary, shape_of_result(node, left.shape, right.shape), cost)

    @build.register
    def _(self, node: Conditional) -> Code:
        condition, yes, no = (self.build(part) for part in (node.condition, node.yes, node.no))
        _expect(condition, {Kind.TRUTH}, "? asks for true or false", node.condition.at)
        at = node.condition.at

        def run_conditional(run: Run) -> Value:
            value = condition.run(run)
            return (yes if truth_at(value, at) else no).run(run)

        shape = yes.shape if yes.shape == no.shape else ANYTHING
        return Code(run_conditional, shape, condition.cost + yes.cost + no.cost + 1)

    @build.register
    def _(self, node: ListOf) -> Code:
        elements = [self.build(element) for element in node.elements]
        runs = [element.run for element in elements]
        first = elements[0].shape if elements else ANYTHING
        shape = first if all(element.shape == first for element in elements) else ANYTHING
        cost = 1 + sum(element.cost for element in elements)
        return Code(lambda run: [inner(run) for inner in runs], Shape(Kind.LIST, element=shape), cost)

    @build.register
    def _(self, node: MapOf) -> Code:
        members = {name: self.build(value) for name, value in node.members}
        cost = 1 + sum(member.cost for member in members.values())
        runs = [(name, member.run) for name, member in members.items()]
        return Code(lambda run: {name: inner(run) for name, inner in runs}, Shape(Kind.OBJECT), cost)

    @build.register
    def _(self, node: Macro) -> Code:
        target = self.build(node.target)
        _expect(target, _READABLE, f"{node.name} goes through a list", node.at)
        if node.variable in self._variables:
            raise ExpressionError(f"there is a variable '{node.variable}' already", node.at)
        self._variables[node.variable] = target.shape.elements
        try:
            body = self.build(node.body)
        finally:
            del self._variables[node.variable]
        if node.name != "map":
            _expect(body, {Kind.TRUTH}, f"{node.name} asks for true or false", node.body.at)
        run = MACROS[node.name](node, target.run, body.run, body.cost)
        shapes = {
            "filter": Shape(Kind.LIST, element=target.shape.elements),
            "map": Shape(Kind.LIST, element=body.shape),
        }
        return Code(run, shapes.get(node.name, _TRUTH), target.cost + body.cost + 1)

    @build.register
    def _(self, node: Call) -> Code:
        if node.name == "iif" and len(node.arguments) == _PARTS_OF_CONDITION:
            return self.build(Conditional(node.at, *node.arguments))
        if node.name not in FUNCTIONS:
            hint = suggest(node.name, [*FUNCTIONS, *MACROS])
            if node.name in MACROS:
                hint = f"it stands behind a list: list.{node.name}(e, ...)"
            raise ExpressionError(f"unknown function '{node.name[:100]}'", node.at, hint=hint)
        arguments = [self.build(argument) for argument in node.arguments]
        return compile_call(FUNCTIONS[node.name], node.at, arguments)


def _expect(code: Code, kinds: set[Kind] | frozenset[Kind], what: str, at: int) -> None:
    """An attribute may be empty whatever its kind: that shows when it runs."""
    if code.shape.kind is not Kind.ANY and code.shape.kind not in kinds:
        raise ExpressionError(f"{what}, not {code.shape.kind}", at)
