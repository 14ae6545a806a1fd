"""Every action that leaves an audit event, as `area.object.verb` in the past tense. Adding one asks for a presenter
too.
"""

from enum import StrEnum


class Action(StrEnum):
    """What was done. The value is stored; it never changes its meaning."""

    PLATFORM_ENTERED = "platform.tenants.entered"
    SIGNING_KEY_CREATED = "audit.signing_key.created"
    SIGNING_KEY_ROTATED = "audit.signing_key.rotated"
    MONTH_DROPPED = "audit.month.dropped"
    BUNDLE_EXPORTED = "audit.bundle.exported"
    PROOF_EXPORTED = "audit.proof.exported"
    SUBJECT_ERASED = "audit.subject.erased"
    TENANT_CREATED = "tenants.tenant.created"
    TENANT_SUSPENDED = "tenants.tenant.suspended"
    TENANT_RESUMED = "tenants.tenant.resumed"
    TENANT_PLAN_CHANGED = "tenants.plan.changed"
    TENANT_OPTIONS_CHANGED = "tenants.options.changed"
    CLIENT_CREATED = "tenants.scim_client.created"
    CLIENT_OPTIONS_CHANGED = "tenants.scim_client.changed"
    SECRET_ISSUED = "tenants.client_secret.issued"
    ACCESS_TOKEN_ISSUED = "tenants.access_token.issued"
    TOKEN_ISSUED = "tenants.token.issued"
    TOKEN_ROTATED = "tenants.token.rotated"
    TOKEN_REVOKED = "tenants.token.revoked"
    TOKEN_RETIRED = "tenants.token.retired"
    TOKEN_EXPIRING = "tenants.token.warned"
    ACCESS_DENIED = "scim.access.denied"
    READS_RECORDED = "scim.reads.recorded"
    REQUEST_LOG_DROPPED = "scim.request_log.dropped"
    USER_CREATED = "scim.user.created"
    USER_UPDATED = "scim.user.updated"
    USER_DELETED = "scim.user.deleted"
    GROUP_CREATED = "scim.group.created"
    GROUP_UPDATED = "scim.group.updated"
    GROUP_DELETED = "scim.group.deleted"
    RESOURCE_CREATED = "scim.resource.created"
    RESOURCE_UPDATED = "scim.resource.updated"
    RESOURCE_DELETED = "scim.resource.deleted"
    SCHEMA_DEFINED = "scim.schema.defined"
    SCHEMA_REMOVED = "scim.schema.removed"
    INDEX_BUILT = "scim.index.built"
    INDEX_FAILED = "scim.index.failed"
    INDEX_RESTARTED = "scim.index.restarted"


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    UNCHANGED = "unchanged"
    DENIED = "denied"
