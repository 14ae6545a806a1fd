"""What LabsNinja can do and what it cannot: one table.

`/ServiceProviderConfig`, `docs/capabilities.md` and the public features page are made from it. A row that says
"supported" names test modules; a test fails when they hold no test marked with the row's key or sections.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Status(StrEnum):
    SUPPORTED = "supported"
    PARTIAL = "partial"
    BACKLOG = "backlog"
    NOT_PLANNED = "not planned"


@dataclass(frozen=True)
class Capability:
    """One row. `sections` are of RFCs, as in 7644#3.7; `tests` are paths below tests/; `note` says what is missing or
    why it will stay so.
    """

    key: str
    area: str
    name: str
    status: Status
    sections: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    note: str = ""
    since: str = "0.1"
    every_plan: bool = True


_DONE, _PART, _LATER, _NEVER = Status.SUPPORTED, Status.PARTIAL, Status.BACKLOG, Status.NOT_PLANNED
PROTOCOL, QUERIES, SCHEMAS = "SCIM protocol", "Queries", "Resources and schemas"
PROVIDERS, SECURITY, RECORDS = "Identity providers", "Access", "Records"
ONWARD, SIGN_IN, OPERATION = "Onward", "Sign-in", "Operation"

# fmt: off  # a table: one capability a line or two
CAPABILITIES: Final = (
    Capability("create", PROTOCOL, "Create resources with POST", _DONE, ("7644#3.3",), ("scim/test_users.py",)),
    Capability("retrieve", PROTOCOL, "Read a resource", _DONE, ("7644#3.4.1",), ("scim/test_users.py",)),
    Capability("replace", PROTOCOL, "Replace resources with PUT", _DONE, ("7644#3.5.1",), ("scim/test_patch_http.py",)),
    Capability("patch", PROTOCOL, "Change resources with PATCH", _DONE, ("7644#3.5.2",), ("scim/test_patch_http.py",)),
    Capability("delete", PROTOCOL, "Delete resources", _DONE, ("7644#3.6",), ("scim/test_users.py",)),
    Capability("bulk", PROTOCOL, "Bulk requests", _DONE, ("7644#3.7",), ("scim/test_bulk.py",)),
    Capability("etag", PROTOCOL, "Entity tags and preconditions", _DONE, ("7644#3.14",), ("scim/test_patch_http.py",)),
    Capability("errors", PROTOCOL, "Errors with keyword and detail", _DONE, ("7644#3.12",), ("scim/test_refusals.py",)),
    Capability("me", PROTOCOL, "/Me of a bound SCIM client", _DONE, ("7644#3.11",), ("scim/test_me.py",)),
    Capability(
        "discovery",
        PROTOCOL,
        "Schemas, resource types and configuration to be discovered",
        _DONE,
        ("7644#4", "7643#5"),
        ("scim/test_discovery.py",),
    ),
    Capability(
        "change-password",
        PROTOCOL,
        "Changing passwords",
        _NEVER,
        ("7643#5",),
        note="A directory for provisioning: passwords are taken and dropped, never kept.",
    ),
    Capability("security-events", PROTOCOL, "Security event tokens that are pushed or acknowledged (RFC 9967)", _LATER),
    Capability("filter", QUERIES, "Filters with the whole grammar", _DONE, ("7644#3.4.2.2",), ("scim/test_lists.py",)),
    Capability("sort", QUERIES, "Sorting", _DONE, ("7644#3.4.2.3",), ("scim/test_lists.py",)),
    Capability("index-pagination", QUERIES, "Pages by index", _DONE, ("7644#3.4.2.4",), ("scim/test_lists.py",)),
    Capability("cursor-pagination", QUERIES, "Pages by cursor", _DONE, ("9865#2",), ("scim/test_cursors.py",)),
    Capability(
        "projection",
        QUERIES,
        "attributes and excludedAttributes",
        _DONE,
        ("7644#3.4.2.5", "7644#3.9"),
        ("scim/test_lists.py",),
    ),
    Capability(
        "search", QUERIES, "Queries by POST to /.search", _DONE, ("7644#3.4.3",), ("scim/test_search_requests.py",)
    ),
    Capability(
        "root-query",
        QUERIES,
        "Queries across resource types",
        _DONE,
        ("7644#3.4.2.1",),
        ("scim/test_search_requests.py",),
    ),
    Capability("user", SCHEMAS, "User", _DONE, ("7643#4.1",), ("scim/test_users.py",)),
    Capability("group", SCHEMAS, "Group", _DONE, ("7643#4.2",), ("scim/test_groups.py",)),
    Capability(
        "enterprise-user", SCHEMAS, "Enterprise User extension", _DONE, ("7643#4.3",), ("protocol/test_resource.py",)
    ),
    Capability("nested-groups", SCHEMAS, "Groups as members of groups", _DONE, (), ("scim/test_groups_members.py",)),
    Capability(
        "deferred-members", SCHEMAS, "Members that attach when they arrive", _DONE, (), ("scim/test_arrivals.py",)
    ),
    Capability("member-list", SCHEMAS, "Paged list of a group's members", _DONE, (), ("scim/test_member_lists.py",)),
    Capability(
        "custom-schemas",
        SCHEMAS,
        "Extensions and resource types defined by a tenant",
        _DONE,
        ("7643#3.3", "7643#6", "7643#7"),
        (
            "scim/test_schemas_defined.py",
            "scim/test_resource_types_defined.py",
            "scim/test_index_builds.py",
            "scim/test_definitions_meanwhile.py",
            "store/test_defined_parity.py",
        ),
    ),
    Capability(
        "tolerances",
        PROVIDERS,
        "What identity providers really send",
        _DONE,
        (),
        ("idp/test_replay.py",),
    ),
    Capability("strict", PROVIDERS, "Strict mode of a SCIM client", _DONE, (), ("scim/test_tolerated_patches.py",)),
    Capability(
        "bearer-tokens",
        SECURITY,
        "Bearer tokens with scopes, expiry, networks and rotation",
        _DONE,
        ("7644#2",),
        ("tenants/test_authentication.py", "tenants/test_tokens.py"),
    ),
    Capability(
        "oauth-client-credentials",
        SECURITY,
        "OAuth 2.0 client credentials",
        _DONE,
        ("6749#4.4", "8414#3"),
        ("scim/test_token_endpoint.py", "scim/test_oauth_client.py"),
    ),
    Capability("fine-scopes", SECURITY, "Scopes by resource type and attribute", _LATER),
    Capability("mutual-tls", SECURITY, "Client certificates", _LATER),
    Capability(
        "basic-authentication",
        SECURITY,
        "HTTP Basic for SCIM",
        _NEVER,
        note="A password that never expires in every request; RFC 7644 section 2 advises against it.",
    ),
    Capability("rate-limits", SECURITY, "Rate limits by plan", _DONE, (), ("tenants/test_rate_limits.py",)),
    Capability(
        "tenant-isolation",
        SECURITY,
        "Tenants kept apart by the database",
        _DONE,
        (),
        ("conformance/test_foreign_ids.py", "isolation/test_probes.py"),
    ),
    Capability("audit", RECORDS, "An audit event with every change", _DONE, (), ("audit/test_events.py",)),
    Capability(
        "sealed-audit",
        RECORDS,
        "An audit history that can be proved offline",
        _DONE,
        (),
        ("audit/test_sealing.py",),
    ),
    Capability(
        "audit-search",
        RECORDS,
        "Search of the audit history by qualifiers and words",
        _DONE,
        (),
        ("audit/test_search.py",),
    ),
    Capability(
        "audit-download",
        RECORDS,
        "Audit events as JSON Lines, CSV, OCSF and CloudEvents",
        _DONE,
        (),
        ("audit/test_downloads.py", "audit/test_ocsf.py"),
    ),
    Capability(
        "audit-streams",
        RECORDS,
        "Audit events and checkpoints sent on over HTTPS, at least once",
        _DONE,
        (),
        ("audit/test_stream_troubles.py", "audit/test_streams.py"),
    ),
    Capability(
        "erasure",
        RECORDS,
        "A person can be erased from the audit history; proofs stand",
        _DONE,
        (),
        ("audit/test_personal.py",),
    ),
    Capability(
        "request-log", RECORDS, "A log of every SCIM request, redacted", _DONE, (), ("scim/test_request_log.py",)
    ),
    Capability(
        "trash",
        RECORDS,
        "Deleted people and groups can be restored under their id for days that a tenant chooses",
        _DONE,
        (),
        ("portal/test_console_lifecycle.py", "scim/test_trash.py"),
    ),
    Capability(
        "breaker",
        ONWARD,
        "People are held back from connectors when many leave at once",
        _PART,
        (),
        ("scim/test_breaker.py",),
        "Who is held is decided, told, released and brought back; connectors that obey are not there yet.",
    ),
    Capability(
        "event-feed",
        ONWARD,
        "Feed of changes, in order and complete, to be pulled",
        _DONE,
        ("9967#2.4",),
        ("scim/test_events.py",),
    ),
    Capability("connectors", ONWARD, "Connectors to other systems", _LATER),
    Capability("mapping", ONWARD, "Attribute mappings written by operators", _LATER),
    Capability("sync-jobs", ONWARD, "Sync jobs with preview and approval", _LATER),
    Capability(
        "console",
        SIGN_IN,
        "Console of a tenant's operators",
        _PART,
        (),
        ("portal/test_console_audit.py", "portal/test_console_overview.py"),
        "Set-up by somebody without an account and connectors are not there yet.",
    ),
    Capability(
        "customer-portal",
        SIGN_IN,
        "Portal of customers",
        _PART,
        (),
        ("portal/test_customer_pages.py",),
        "Shows how the connection does and who is here; activity and set-up are not there yet.",
    ),
    Capability("saml", SIGN_IN, "Sign-in with SAML", _LATER),
    Capability("oidc", SIGN_IN, "Sign-in with OpenID Connect", _LATER),
    Capability(
        "embedded",
        OPERATION,
        "PostgreSQL and Redis of its own: one command to run",
        _DONE,
        (),
        ("embedded/test_supervisor.py",),
    ),
    Capability(
        "openapi",
        OPERATION,
        "OpenAPI 3.1 description of the SCIM API, with what a tenant defines",
        _DONE,
        (),
        ("conformance/test_openapi.py",),
    ),
    Capability(
        "accessible-pages",
        OPERATION,
        "Pages by WCAG 2.2 AA: light and dark, narrow, without script",
        _DONE,
        (),
        ("browser/test_pages.py",),
    ),
)
# fmt: on
BY_KEY: Final = {capability.key: capability for capability in CAPABILITIES}


def is_supported(key: str) -> bool:
    """Whether clients may rely on it. Raises KeyError for a key that is not in the table."""
    return BY_KEY[key].status is Status.SUPPORTED
