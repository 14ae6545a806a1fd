"""The plans a tenant may be on, how fast each may call, and the plans as they are offered in public."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.db import models


class Plan(models.TextChoices):
    """`unlimited` exists for tests, benchmarks and the demo tenant."""

    FREE = "free", "Free"
    UNLIMITED = "unlimited", "Unlimited"


@dataclass(frozen=True)
class Rate:
    """Requests a second in the long run, and how many may come at once after a pause."""

    per_second: float
    burst: int


@dataclass(frozen=True)
class PlanRates:
    """Rates of the tenant as a whole, of each of its tokens, and of the access tokens that each of its SCIM clients
    fetches; None is without limit.
    """

    tenant: Rate | None = None
    token: Rate | None = None
    access_tokens: Rate | None = None


_FREE_RATE: Final = Rate(50, 100)
RATES: Final[Mapping[str, PlanRates]] = MappingProxyType(
    {
        Plan.FREE: PlanRates(tenant=_FREE_RATE, token=_FREE_RATE, access_tokens=Rate(0.2, 20)),
        Plan.UNLIMITED: PlanRates(),
    }
)


@dataclass(frozen=True)
class Offer:
    """A plan as it is sold; `monthly` and `yearly` are US dollars a month, paid by the month or by the year, None is
    on request. A limit that is None is agreed on. There is no price by the seat.
    """

    key: str
    name: str
    audience: str
    monthly: int | None
    yearly: int | None
    scim_clients: int | None
    connectors: int | None
    people: int | None
    rate: Rate | None
    audit_days: int | None
    support: str


OFFERS: Final = (
    Offer("free", "Free", "One directory, for real use or to try it out.", 0, 0, 1, 1, 500, _FREE_RATE, 30,
          "Community"),
    Offer("growth", "Growth", "A company with one or two identity providers.", 120, 100, 3, 5, 5_000, Rate(50, 100),
          365, "Next working day"),
    Offer("scale", "Scale", "Many connections and large groups.", 600, 500, 20, 25, 100_000, Rate(100, 200), 400,
          "4 hours on working days"),
    Offer("enterprise", "Enterprise", "Your own terms, your own limits.", None, None, None, None, None, None, None,
          "1 hour, day and night"),
)  # fmt: skip
