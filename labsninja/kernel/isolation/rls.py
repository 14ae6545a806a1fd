"""Migration operations that put a table under isolation. The policy stands in the table's own migration.

Catalogue facts that the start-up check and the tests compare with live here too.
"""

from collections.abc import Sequence

from django.db.migrations.operations.special import RunSQL

POLICY = "tenant_isolation"
# One policy without OR; after COMMIT the setting reads '', hence nullif. The sub-select is evaluated once a statement.
IS_TENANT = "tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)"
PLATFORM_PRIVILEGES = "SELECT, INSERT, UPDATE, DELETE"


def lock_timeout(seconds: int = 5) -> RunSQL:
    """First operation of every migration: give up rather than queue everybody behind a lock."""
    return RunSQL(f"SET LOCAL lock_timeout = '{seconds}s'", RunSQL.noop)


class TenantTable(RunSQL):
    """Makes `table` a tenant table: key (tenant_id, id), row-level security enabled and forced, the policy, grants.

    `app` are the privileges of ln_app, as in "SELECT, INSERT". `key` are the columns of the primary key.
    """

    def __init__(
        self, table: str, *, app: str, platform: str = PLATFORM_PRIVILEGES, key: Sequence[str] = ("tenant_id", "id")
    ) -> None:
        self.table, self.app, self.platform, self.key = table, app, platform, tuple(key)
        super().__init__([*_primary_key(table, self.key), *isolate(table), *grant(table, app, platform)], RunSQL.noop)

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        keywords: dict[str, object] = {"app": self.app, "platform": self.platform, "key": self.key}
        return type(self).__qualname__, [self.table], keywords

    def describe(self) -> str:
        return f"Isolate {self.table} by tenant"


class GlobalTable(RunSQL):
    """Grants on a table that belongs to the deployment: sign-in precedes the tenant, leases have none."""

    def __init__(self, table: str, *, app: str, platform: str = PLATFORM_PRIVILEGES) -> None:
        self.table, self.app, self.platform = table, app, platform
        super().__init__([*grant(table, app, platform)], RunSQL.noop)

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        return type(self).__qualname__, [self.table], {"app": self.app, "platform": self.platform}

    def describe(self) -> str:
        return f"Grant {self.table} to the roles"


class CompositeForeignKey(RunSQL):
    """A reference that cannot leave the tenant: (tenant_id, `column`) to (tenant_id, id) of `to`.

    A plain key would be checked past row-level security and tell whether another tenant's row exists.
    """

    def __init__(self, table: str, column: str, *, to: str, on_delete: str = "NO ACTION") -> None:
        self.table, self.column, self.to, self.on_delete = table, column, to, on_delete
        name = f"{table}_{column}_fk"
        super().__init__(
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY (tenant_id, "{column}") '
            f'REFERENCES "{to}" (tenant_id, id) ON DELETE {on_delete}',
            f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"',
        )

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        return type(self).__qualname__, [self.table, self.column], {"to": self.to, "on_delete": self.on_delete}

    def describe(self) -> str:
        return f"Tie {self.table}.{self.column} to {self.to} within the tenant"


def isolate(table: str) -> list[str]:
    """SQL of row-level security on `table`; partitions need it of their own."""
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'CREATE POLICY {POLICY} ON "{table}" USING ({IS_TENANT}) WITH CHECK ({IS_TENANT})',
    ]


def grant(table: str, app: str, platform: str) -> list[str]:
    """SQL of the privileges on `table`; an empty text grants nothing."""
    granted = (("ln_app", app), ("ln_platform", platform))
    return [f'GRANT {privileges} ON "{table}" TO {role}' for role, privileges in granted if privileges]


def _primary_key(table: str, key: Sequence[str]) -> list[str]:
    columns = ", ".join(f'"{column}"' for column in key)
    return [
        f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{table}_pkey"',
        f'ALTER TABLE "{table}" ADD PRIMARY KEY ({columns})',
    ]
