"""The audit app: on start it makes every stay on the platform role leave an event."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Wires the kernel's cross-tenant recorder, since the kernel may not know of audit."""

    name = "audit"
    default_auto_field = "django.db.models.BigAutoField"
    tenant_tables = (
        *("audit_leaf", "audit_subtree", "audit_checkpoint", "audit_signing_key", "audit_subject_key"),
        *("audit_word", "audit_word_progress", "audit_stream"),
    )

    def ready(self) -> None:
        from audit.services import record_cross_tenant  # models are not ready when this module is read
        from labsninja.kernel.isolation import register_cross_tenant_recorder

        register_cross_tenant_recorder(record_cross_tenant)
