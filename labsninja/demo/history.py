"""Nine weeks at acme as the requests of its two identity providers: everybody is imported, people join, move and leave.

The steps are the same at every start; only the day that they count from is the deployment's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import NAMESPACE_DNS, uuid5

from labsninja.demo.bodies import (
    Body,
    Ref,
    activation_body,
    change_body,
    group_body,
    joining_body,
    leaving_body,
    manager_body,
    user_body,
)
from labsninja.demo.people import DEPARTMENTS, ENTRA, OKTA, Person, list_people
from scim.protocol import urns

WEEKS = 9
EVERY_JOINER = 13  # each 13th person comes later than the import
MOVES = ((2, "Sales", "Marketing"), (3, "Engineering", "Product"), (4, "Customer Support", "Operations"),
         (5, "Design", "Product"), (6, "Operations", "Finance"), (7, "Marketing", "Sales"))  # fmt: skip
LEAVERS = ((2, "Sales"), (3, "Operations"), (4, "Engineering"), (4, "Customer Support"), (5, "Marketing"),
           (6, "Engineering"), (7, "Operations"), (8, "Sales"))  # fmt: skip
PROJECTS = ((OKTA, "All Managers"), (OKTA, "On Call"), (ENTRA, "Harbor Project"))
ENTERPRISE_DEPARTMENT = f"{urns.ENTERPRISE_USER}:department"


@dataclass(frozen=True)
class Step:
    """One request, `after` the first Monday's midnight. `target` is the key of what it creates or names.

    `status` is the answer that it gets; steps that are refused are part of the story.
    """

    after: timedelta
    source: str
    method: str
    resource_type: str
    target: str
    body: Body | None
    status: int

    @property
    def request_id(self) -> str:
        """Always the same, so that a second start knows what has been done."""
        return str(uuid5(NAMESPACE_DNS, f"{self.after}.{self.method}.{self.target}.acme.example.com"))


def tell_history() -> list[Step]:
    """All steps in their order. The last one is not refused."""
    people = list_people()
    joiners = [person for person in people[EVERY_JOINER::EVERY_JOINER] if _is_staff(person, people)]
    present = [person for person in people if person not in joiners]
    told = (*_import(present), *_join(joiners), *_move(present), *_leave(present), *_fail(present))
    return sorted(told, key=lambda step: step.after)


def _is_staff(person: Person, people: list[Person]) -> bool:
    return all(person.key != other.manager for other in people)


def _at(week: int, day: int, hour: int, number: int = 0, *, seconds: float = 7) -> timedelta:
    """A moment of a week counted from 1, a day counted from Monday 0, the `number`th request since that hour."""
    return timedelta(weeks=week - 1, days=day, hours=hour, seconds=seconds * number, milliseconds=137 * number)


def _create(person: Person, at: timedelta) -> Step:
    is_told = person.department.source == OKTA and person.manager
    manager = {"manager": {"value": Ref(person.manager)}} if is_told else {}
    return Step(at, person.department.source, "POST", "User", person.key, user_body(person, **manager), 201)


def _add(group: str, source: str, at: timedelta, *keys: str) -> Step:
    return Step(at, source, "PATCH", "Group", group, joining_body(source, keys), 204)


def _remove(group: str, source: str, at: timedelta, key: str) -> Step:
    return Step(at, source, "PATCH", "Group", group, leaving_body(source, key), 204)


def _import(people: list[Person]) -> Iterator[Step]:
    """Okta on the first Monday, Entra the day after; groups when their people are there."""
    for number, person in enumerate(people):
        yield _create(person, _at(1, int(person.department.source == ENTRA), 9, number))
    managed = [person for person in people if person.department.source == ENTRA]
    for number, person in enumerate(managed):
        yield Step(_at(1, 1, 11, number), ENTRA, "PATCH", "User", person.key, manager_body(person.manager), 200)
    for number, (name, source, keys) in enumerate(_groups(people)):
        yield Step(_at(1, 2, 9, number, seconds=60), source, "POST", "Group", name, group_body(source, name), 201)
        yield _add(name, source, _at(1, 2, 10, number, seconds=60), *keys)


def _groups(people: list[Person]) -> Iterator[tuple[str, str, list[str]]]:
    for department in DEPARTMENTS[1:]:
        yield department.name, department.source, [one.key for one in people if one.department is department]
    managers = {person.manager for person in people}
    chosen = (
        [one.key for one in people if one.key in managers],
        [one.key for one in people if "Reliability" in one.title],
        [one.key for one in people if one.department.source == ENTRA][::6],
    )
    for (source, name), keys in zip(PROJECTS, chosen, strict=True):
        yield name, source, keys


def _join(joiners: list[Person]) -> Iterator[Step]:
    """Two a week, on Monday morning."""
    for number, person in enumerate(joiners):
        week, source, group = 2 + number // 2 % (WEEKS - 2), person.department.source, person.department.name
        yield _create(person, _at(week, 0, 8, number))
        if source == ENTRA:
            yield Step(_at(week, 0, 9, number), source, "PATCH", "User", person.key, manager_body(person.manager), 200)
        yield _add(group, source, _at(week, 0, 10, number), person.key)


def _move(people: list[Person]) -> Iterator[Step]:
    """On a Wednesday somebody changes the department: profile first, then the groups."""
    for number, (week, old, new) in enumerate(MOVES):
        person = [one for one in people if one.department.name == old][-1 - number]
        boss = next(one for one in people if one.department.name == new)
        title, source = boss.department.titles[0], person.department.source
        if source == OKTA:
            body = user_body(person, title=title, department=new, manager={"value": Ref(boss.key)})
            yield Step(_at(week, 2, 9), source, "PUT", "User", person.key, body, 200)
        else:
            values = {"title": title, ENTERPRISE_DEPARTMENT: new, f"{urns.ENTERPRISE_USER}:manager": Ref(boss.key)}
            yield Step(_at(week, 2, 9), source, "PATCH", "User", person.key, change_body(values), 200)
        yield _remove(old, source, _at(week, 2, 9, 1), person.key)
        yield _add(new, source, _at(week, 2, 9, 2), person.key)


def _leave(people: list[Person]) -> Iterator[Step]:
    """On a Friday somebody is deactivated; Entra deletes them a month later, Okta never does."""
    for number, (week, name) in enumerate(LEAVERS):
        person = _leaver(people, number, name)
        source = person.department.source
        body = activation_body(source, active=False)
        yield Step(_at(week, 4, 16, number), source, "PATCH", "User", person.key, body, 200)
        if source == ENTRA and week + 4 < WEEKS:
            yield Step(_at(week + 4, 4, 16, number), source, "DELETE", "User", person.key, None, 204)


def _leaver(people: list[Person], number: int, name: str) -> Person:
    return [one for one in people if one.department.name == name][3 + number]


def _fail(people: list[Person]) -> Iterator[Step]:
    """What goes wrong: a name that the other provider has brought, a value that cannot be, somebody long deleted."""
    taken = next(one for one in people if one.department.source == ENTRA)
    twin = user_body(taken)
    yield Step(_at(3, 1, 14), OKTA, "POST", "User", f"{taken.key} again", twin, 409)
    nameless = {**user_body(people[9]), "userName": ""}
    yield Step(_at(5, 3, 11), OKTA, "PUT", "User", people[9].key, nameless, 400)
    gone = _leaver(people, 1, LEAVERS[1][1])
    late = change_body({"title": "Warehouse Lead"})
    yield Step(_at(8, 0, 7), ENTRA, "PATCH", "User", gone.key, late, 404)
