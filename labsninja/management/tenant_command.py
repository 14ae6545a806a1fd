"""What commands about tenants share: refusals become plain sentences, and a token names its tenant."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Model

from labsninja.kernel.isolation import tenant_context
from tenants import TenantsError
from tenants.queries import find_token_tenant
from tenants.services.credentials import LOOKUP_LENGTH, PREFIX_LENGTH
from tenants.services.tokens import UnknownTokenError


class TenantCommand(BaseCommand):
    """A command about tenants; subclasses let TenantsError pass."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command. Raises CommandError with the refusal's own sentence."""
        try:
            return super().execute(*args, **options)
        except TenantsError as error:
            raise CommandError(str(error)) from error


@contextmanager
def token_tenant(prefix: str) -> Iterator[None]:
    """Binds the tenant of a token named by its public part. Raises UnknownTokenError."""
    tenant_id = find_token_tenant(lookup_id=prefix[-LOOKUP_LENGTH:])
    if tenant_id is None:
        raise UnknownTokenError(f"there is no token {prefix[:PREFIX_LENGTH]!r}")  # whoever pastes a whole token
    with tenant_context(tenant_id):
        yield


def show_options(row: Model, names: Sequence[str]) -> str:
    """One line an option: its name, on or off, or its number."""
    held = {name: getattr(row, name) for name in names}
    told = {name: ("on" if value else "off") if isinstance(value, bool) else value for name, value in held.items()}
    return "\n".join(f"{name:<20}{value}" for name, value in told.items())
