"""The database roles, as SQL for a superuser. Needs no Django: the embedded PostgreSQL runs it at its first start."""

from collections.abc import Mapping

LOGIN_ROLES = ("ln_migrator", "ln_app", "ln_platform")
NO_RIGHTS = "NOSUPERUSER NOCREATEROLE NOREPLICATION"

# Membership lets the migrator become the owner, and the owner hand the look-up function to its role; neither inherits.
ROLES = (
    ("ln_owner", f"NOLOGIN NOCREATEDB NOBYPASSRLS {NO_RIGHTS}"),
    ("ln_migrator", f"LOGIN NOCREATEDB NOBYPASSRLS {NO_RIGHTS}"),
    ("ln_app", f"LOGIN NOCREATEDB NOBYPASSRLS {NO_RIGHTS}"),
    ("ln_platform", f"LOGIN NOCREATEDB BYPASSRLS {NO_RIGHTS}"),
    ("ln_lookup", f"NOLOGIN NOCREATEDB BYPASSRLS {NO_RIGHTS}"),
)
MEMBERSHIPS = (
    "GRANT ln_owner TO ln_migrator WITH INHERIT FALSE, SET TRUE",
    "GRANT ln_lookup TO ln_owner WITH INHERIT FALSE, SET TRUE",
)


def role_statements(passwords: Mapping[str, str]) -> list[str]:
    """SQL that makes the roles: `passwords` by login role; a role without one gets none (another login method)."""
    made = [f"CREATE ROLE {name} {attributes}{_password(passwords.get(name))}" for name, attributes in ROLES]
    return [*made, *MEMBERSHIPS]


def database_statements(database: str) -> list[str]:
    """SQL that gives `database` to the owner and lets only the login roles connect."""
    return [
        f'ALTER DATABASE "{database}" OWNER TO ln_owner',
        f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC',
        f'GRANT CONNECT ON DATABASE "{database}" TO {", ".join(LOGIN_ROLES)}',
    ]


def development_statements() -> list[str]:
    """SQL that a development cluster needs on top: the owner creates and drops test databases."""
    return ["ALTER ROLE ln_owner CREATEDB"]


def _password(password: str | None) -> str:
    quoted = (password or "").replace("'", "''")
    return f" PASSWORD '{quoted}'" if password else ""
