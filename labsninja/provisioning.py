"""Tenants made from the command line: for the demo, and for whoever runs a deployment without the admin."""

from collections.abc import Sequence

from django.conf import settings

from audit.actors import Origin
from labsninja.embedded.supervisor import find_address
from labsninja.env import read
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, cross_tenant, tenant_context
from scim.api.oauth.token_requests import TOKEN_PATH
from tenants.models import ClientToken, ScimClient, Tenant
from tenants.plans import Plan
from tenants.queries import UnknownTenantError, find_scim_client, find_tenant
from tenants.services.scim_clients import create_scim_client
from tenants.services.tenants import ReservedTenantError, change_plan, create_tenant
from tenants.services.tokens import IssuedToken, check_token_request, issue_secret, issue_token


def provision(
    *,
    slug: str,
    kind: ScimClient.Kind,
    client_name: str,
    scopes: Sequence[str],
    plan: Plan | None,
    origin: Origin,
    is_oauth: bool = False,
) -> dict[str, str]:
    """Create or reuse the tenant and the SCIM client, and issue a token. Gives tenant, scim_client, token, base_url.

    With `is_oauth` a secret is issued, and client_id, client_secret and token_url stand for the token.

    Raises TenantsError for what cannot be.
    """
    check_token_request(scopes=scopes)
    with cross_tenant(reason=f"provision tenant {slug}", actor=origin):
        tenant = _find_or_create(slug, plan, origin)
        if tenant.id == DEPLOYMENT_TENANT_ID:
            raise ReservedTenantError(f"{slug!r} is the deployment's own tenant")
        with tenant_context(tenant.id):
            client = find_scim_client(name=client_name) or create_scim_client(
                name=client_name, kind=kind, origin=origin
            )
            issue = issue_secret if is_oauth else issue_token
            shown = _show(client, issue(scim_client=client, scopes=scopes, origin=origin))
    return {"tenant": tenant.slug, "scim_client": str(client.id), **shown, "base_url": scim_base_url()}


def scim_base_url() -> str:
    """Where identity providers are pointed: the public URL, or else where this home is served."""
    return f"{_root_url()}/scim/v2"


def _root_url() -> str:
    host, port = find_address(read("LABSNINJA_HOME")) or (read("LABSNINJA_BIND"), read("PORT"))
    return str(settings.LABSNINJA_BASE_URL or f"http://{host}:{port}")


def _show(client: ScimClient, issued: IssuedToken) -> dict[str, str]:
    """What an identity provider is given to authenticate with."""
    if issued.token.kind == ClientToken.Kind.BEARER:
        return {"token": issued.text}
    return {"client_id": str(client.id), "client_secret": issued.text, "token_url": f"{_root_url()}{TOKEN_PATH}"}


def _find_or_create(slug: str, plan: Plan | None, origin: Origin) -> Tenant:
    try:
        find_tenant(slug=slug)
    except UnknownTenantError:
        return create_tenant(slug=slug, plan=plan or Plan.FREE, origin=origin)
    return change_plan(slug=slug, plan=plan, origin=origin) if plan else find_tenant(slug=slug)
