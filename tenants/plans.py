"""The plans a tenant may be on, and how fast each may call."""

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


RATES: Final[Mapping[str, PlanRates]] = MappingProxyType(
    {
        Plan.FREE: PlanRates(tenant=Rate(50, 100), token=Rate(50, 100), access_tokens=Rate(0.2, 20)),
        Plan.UNLIMITED: PlanRates(),
    }
)
