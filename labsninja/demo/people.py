"""The people of the demo tenant, invented: names, departments, and how many of each. The same at every start."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

OKTA, ENTRA = "okta", "entra"


@dataclass(frozen=True)
class Department:
    """A department, the identity provider that its people come from, and the titles they take in turn."""

    name: str
    source: str
    size: int
    city: str
    head: str
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Person:
    """Somebody at acme. `key` is the local part of their address; `manager` another person's key, or empty."""

    number: int
    key: str
    given: str
    family: str
    title: str
    department: Department
    manager: str

    @property
    def user_name(self) -> str:
        """As in mara.lindqvist@example.com."""
        return f"{self.key}@example.com"


DEPARTMENTS = (
    Department("Executive Office", OKTA, 3, "Lisbon", "Chief Executive Officer", ("Chief of Staff", "Assistant")),
    Department("Engineering", OKTA, 50, "Lisbon", "VP Engineering", (
        "Software Engineer", "Senior Software Engineer", "Test Engineer", "Site Reliability Engineer")),
    Department("Product", OKTA, 15, "Lisbon", "VP Product", ("Product Manager", "Product Analyst")),
    Department("Design", OKTA, 12, "Porto", "Head of Design", ("Product Designer", "Design Researcher")),
    Department("Marketing", OKTA, 20, "Porto", "VP Marketing", ("Campaign Manager", "Copywriter", "Event Planner")),
    Department("Sales", OKTA, 30, "Utrecht", "VP Sales", ("Account Executive", "Sales Engineer", "Sales Analyst")),
    Department("Operations", ENTRA, 28, "Leeds", "VP Operations", ("Logistics Planner", "Warehouse Lead", "Buyer")),
    Department("Customer Support", ENTRA, 24, "Leeds", "Head of Support", ("Support Agent", "Support Specialist")),
    Department("Finance", ENTRA, 10, "Utrecht", "Chief Financial Officer", ("Accountant", "Controller")),
    Department("People", ENTRA, 8, "Leeds", "Chief People Officer", ("Recruiter", "People Partner")),
)  # fmt: skip
# 41 and 43 names: no pair comes twice among their first 1,763.
GIVEN = (
    "Mara", "Tobias", "Anaïs", "Kofi", "Ines", "Ravi", "Zoë", "Matteo", "Hanna", "Omar", "Leila", "José", "Freya",
    "Daniel", "Yuki", "Amara", "Björn", "Clara", "Emre", "Nadia", "Felix", "Priya", "Samuel", "Renée", "Ivan", "Lucia",
    "Marcus", "Aisha", "Noah", "Márta", "Theo", "Wanjiru", "Pablo", "Elin", "Hugo", "Mei", "Jonas", "Sofia", "Arturo",
    "Greta", "Idris",
)  # fmt: skip
FAMILY = (
    "Lindqvist", "Adeyemi", "Castell", "Moreau", "Tanaka", "Okonjo", "Varga", "Brennan", "Silva", "Haddad", "Novak",
    "Petersen", "Iyer", "Fontaine", "Kowal", "Marsh", "Duarte", "Eriksen", "Farrell", "Ganz", "Holloway", "Ibarra",
    "Jansen", "Keller", "Lombardi", "Mbeki", "Nakamura", "Ortega", "Pereira", "Quist", "Rahman", "Sandoval", "Thorne",
    "Ueda", "Vogel", "Whitlock", "Xu", "Yilmaz", "Zanetti", "Almeida", "Bianchi", "Crane", "Dvorak",
)  # fmt: skip


def list_people() -> list[Person]:
    """Everybody who ever worked there; the head of a department comes first in it, and the head of all at first."""
    numbers, people = count(), list[Person]()
    for department in DEPARTMENTS:
        top = people[0].key if people else ""
        people.extend(_staff(department, numbers, top))
    return people


def _staff(department: Department, numbers: Iterator[int], top: str) -> Iterator[Person]:
    head = ""
    for place in range(department.size):
        number = next(numbers)
        given, family = GIVEN[number % len(GIVEN)], FAMILY[number % len(FAMILY)]
        key = _plain(f"{given}.{family}")
        title = department.titles[place % len(department.titles)] if head else department.head
        yield Person(1001 + number, key, given, family, title, department, head or top)
        head = head or key


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
