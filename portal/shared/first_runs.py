"""How far an identity provider has come with its first requests, as operators and the holder of a link see it."""

from typing import Any

from portal.shared.failures import explain_failure
from portal.shared.providers import find_mismatch
from scim.queries.requests import check_first_run
from tenants.queries import ClientDetail


def describe_run(detail: ClientDetail) -> dict[str, Any]:
    """The steps of the bound tenant's SCIM client, what stood in its way, and whether another provider has come."""
    tokens = [shown.token for shown in detail.tokens]
    run = check_first_run(
        scim_client_id=detail.client.id,
        prefixes=[token.prefix for token in tokens],
        created_at=detail.client.created_at,
    )
    failures = [(row, explain_failure(row=row, tokens=tokens)) for row in run.problems]
    return {
        "client": detail.client,
        "run": run,
        "failures": failures,
        "failed_steps": {failure.step for _, failure in failures},
        "mismatch": find_mismatch(kind=detail.client.kind, user_agents=run.user_agents),
    }
