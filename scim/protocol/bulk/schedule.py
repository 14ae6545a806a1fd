"""In which order operations are done: what is referred to first, otherwise as the request has them (section 3.7).

An operation that refers to a later one waits for it; nothing is pulled forward, so that a deletion still comes before
the creation that takes its name. Operations that refer to each other in a circle are one unit (section 3.7.1).
"""

import heapq
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

Graph = Mapping[int, AbstractSet[int]]


def plan_units(count: int, needs: Graph) -> list[list[int]]:
    """The operations 0 to `count` in units, each after all it needs; those of a unit in the order of the request."""
    units = [sorted(unit) for unit in find_circles(range(count), needs)]
    unit_of = {one: number for number, unit in enumerate(units) for one in unit}
    above: dict[int, set[int]] = {number: set() for number in range(len(units))}
    waits: dict[int, int] = {}
    places: list[int] = []
    for number, unit in enumerate(units):  # each comes after those it needs
        below = {unit_of[needed] for one in unit for needed in needs.get(one, ())} - {number}
        places.append(max([unit[-1], *(places[other] for other in below)]))
        waits[number] = len(below)
        for other in below:
            above[other].add(number)
    return [units[number] for number in _sort(units, places, waits, above)]


def _sort(units: Sequence[Sequence[int]], places: Sequence[int], waits: dict[int, int], above: Graph) -> list[int]:
    ready = [(places[number], units[number][0], number) for number, left in waits.items() if not left]
    heapq.heapify(ready)
    order = []
    while ready:
        number = heapq.heappop(ready)[-1]
        order.append(number)
        for other in above[number]:
            waits[other] -= 1
            if not waits[other]:
                heapq.heappush(ready, (places[other], units[other][0], other))
    return order


def find_circles(nodes: Sequence[int], needs: Graph) -> list[list[int]]:
    """Strongly connected components, each after all it needs (Tarjan). No recursion: chains may be long."""
    found: list[list[int]] = []
    order: dict[int, int] = {}
    lowest: dict[int, int] = {}
    open_nodes: list[int] = []
    closed: set[int] = set()
    for start in nodes:
        walk = [] if start in order else [(start, iter(sorted(needs.get(start, ()))))]
        while walk:
            node, rest = walk[-1]
            if node not in order:
                order[node] = lowest[node] = len(order)
                open_nodes.append(node)
            following = next((one for one in rest if one not in closed), None)
            if following is not None and following not in order:
                walk.append((following, iter(sorted(needs.get(following, ())))))
            elif following is not None:
                lowest[node] = min(lowest[node], order[following])
            else:
                walk.pop()
                if walk:
                    lowest[walk[-1][0]] = min(lowest[walk[-1][0]], lowest[node])
                if lowest[node] == order[node]:
                    found.append(_close(node, open_nodes, closed))
    return found


def _close(root: int, open_nodes: list[int], closed: set[int]) -> list[int]:
    component: list[int] = []
    while not component or component[-1] != root:
        component.append(open_nodes.pop())
    closed.update(component)
    return component
