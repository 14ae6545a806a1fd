"""The commands an administrator types: what they print, what they change, how they refuse."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.db import connections

from labsninja.embedded.supervisor import claim_home
from labsninja.env import read
from labsninja.kernel.isolation.roles import ROLES
from labsninja.management.commands.migrate import Command as Migrate
from labsninja.provisioning import scim_base_url
from tenants.services.authentication import (
    Grant,
    TokenRefusedError,
    authenticate_client,
    authenticate_token,
    forget_grants,
)
from tests.labsninja.processes import ROOT

pytestmark = pytest.mark.usefixtures("database")
Provisioned = dict[str, str]


@pytest.fixture
def slug() -> str:
    """A tenant name that nobody has."""
    return f"acme-{uuid4().hex}"


@pytest.fixture
def acme(slug: str) -> Provisioned:
    """A tenant that the command made."""
    return _provision(slug)


def _say(command: str, *arguments: str) -> str:
    """What the command prints."""
    said = StringIO()
    call_command(command, *arguments, stdout=said)
    return said.getvalue()


def _provision(slug: str, *options: str) -> Provisioned:
    said = _say("provision_tenant", slug, "--json", *options)
    assert said.count("\n") == 1
    made: Provisioned = json.loads(said)
    return made


def _prefix(token: str) -> str:
    return token[:19]


def _grant(token: str) -> Grant | None:
    forget_grants()
    try:
        return authenticate_token(text=token, address="127.0.0.1", now=datetime.now(UTC))
    except TokenRefusedError:
        return None


def _is_open(token: str) -> bool:
    return _grant(token) is not None


def _granted(token: str) -> Grant:
    grant = _grant(token)
    assert grant is not None
    return grant


def test_provisioning_prints_one_line_of_json_with_a_token_that_opens(slug: str) -> None:
    made = _provision(slug, "--kind", "okta")
    grant = _granted(made["token"])
    assert list(made) == ["tenant", "scim_client", "token", "base_url"]
    assert (made["tenant"], made["scim_client"]) == (slug, str(grant.scim_client_id))
    assert made["base_url"] == scim_base_url()
    assert (grant.tenant_slug, grant.client_name, grant.plan) == (slug, "okta", "free")
    assert set(grant.scopes) == {"scim:read", "scim:write"}


def test_provisioning_without_json_prints_the_same_for_people(slug: str) -> None:
    said = _say("provision_tenant", slug)
    token = re.search(r"^token: +(lnj_\S+)$", said, re.MULTILINE)
    assert token is not None
    assert _granted(token[1]).tenant_slug == slug


def test_provisioning_for_oauth_prints_a_secret_that_shows_who_the_client_is(slug: str) -> None:
    made = _provision(slug, "--oauth", "--scopes", "scim:read")
    assert list(made) == ["tenant", "scim_client", "client_id", "client_secret", "token_url", "base_url"]
    assert made["token_url"] == made["base_url"].removesuffix("/scim/v2") + "/oauth2/token"
    shown = {"client_id": made["client_id"], "secret": made["client_secret"]}
    grant = authenticate_client(**shown, address="127.0.0.1", now=datetime.now(UTC))
    assert (grant.tenant_slug, grant.scopes, str(grant.scim_client_id)) == (slug, ("scim:read",), made["scim_client"])
    assert not _is_open(made["client_secret"])


def test_secret_and_token_of_one_client_stand_side_by_side(acme: Provisioned) -> None:
    made = _provision(acme["tenant"], "--oauth")
    assert made["client_id"] == acme["scim_client"]
    listed = [line.split()[0] for line in _say("list_tokens", acme["tenant"]).splitlines()]
    assert listed == [_prefix(acme["token"]), _prefix(made["client_secret"])]
    new = _say("rotate_token", _prefix(made["client_secret"])).strip()
    assert new.startswith("lnj_lc_")
    assert _say("revoke_token", _prefix(new)) == f"{_prefix(new)} is revoked\n"
    assert _is_open(acme["token"])


def test_base_url_is_where_the_home_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABSNINJA_HOME", str(tmp_path))
    assert scim_base_url() == f"http://127.0.0.1:{read('PORT')}/scim/v2"
    with claim_home(tmp_path, host="127.0.0.1", port=8123):
        assert scim_base_url() == "http://127.0.0.1:8123/scim/v2"


def test_base_url_of_the_settings_is_printed(slug: str, settings: Any) -> None:
    settings.LABSNINJA_BASE_URL = "https://scim.example.com"
    assert _provision(slug)["base_url"] == "https://scim.example.com/scim/v2"


def test_provisioning_again_reuses_tenant_and_client_and_gives_another_token(acme: Provisioned) -> None:
    again = _provision(acme["tenant"])
    assert again["scim_client"] == acme["scim_client"]
    assert _granted(again["token"]).tenant_id == _granted(acme["token"]).tenant_id
    assert again["token"] != acme["token"]


def test_provisioning_another_client_leaves_the_first(acme: Provisioned) -> None:
    other = _provision(acme["tenant"], "--kind", "entra", "--client", "Entra of HR")
    assert other["scim_client"] != acme["scim_client"]
    assert _granted(other["token"]).client_name == "Entra of HR"


def test_plan_changes_when_it_is_named_and_only_then(acme: Provisioned) -> None:
    calls = ((), ("--plan", "unlimited"), (), ("--plan", "free"))
    plans = [_granted(_provision(acme["tenant"], *options)["token"]).plan for options in calls]
    assert plans == ["free", "unlimited", "unlimited", "free"]


def test_scopes_are_those_asked_for(slug: str) -> None:
    assert _granted(_provision(slug, "--scopes", "scim:read")["token"]).scopes == ("scim:read",)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("provision_tenant", "Not A Name"), "no tenant name"),
        (("provision_tenant", "{slug}", "--scopes", "scim:admin"), "scopes are"),
        (("provision_tenant", "{slug}", "--kind", "nobody"), "invalid choice"),
        (("provision_tenant", "{slug}", "--plan", "golden"), "invalid choice"),
        (("provision_tenant", "deployment", "--plan", "free"), "deployment's own"),
        (("suspend_tenant", "{slug}", "--reason", "x"), "no tenant named"),
        (("suspend_tenant", "deployment", "--reason", "x"), "deployment's own"),
        (("suspend_tenant", "{slug}"), "--reason"),
        (("resume_tenant", "{slug}"), "no tenant named"),
        (("audit_tail", "{slug}"), "no tenant named"),
        (("list_tokens", "{slug}"), "no tenant named"),
        (("rotate_token", "lnj_ls_000000000000"), "no token"),
        (("revoke_token", "lnj_ls_000000000000"), "no token"),
        (("revoke_token", ""), "no token"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(slug: str, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        _say(*(argument.format(slug=slug) for argument in arguments))


def test_tenant_of_the_deployment_gets_no_scim_client() -> None:
    with pytest.raises(CommandError):
        _say("provision_tenant", "deployment")


def test_rotation_prints_a_successor_while_the_old_token_works_on(acme: Provisioned) -> None:
    new = _say("rotate_token", _prefix(acme["token"])).strip()
    assert (_is_open(new), _is_open(acme["token"])) == (True, True)


def test_rotation_without_overlap_ends_the_old_token(acme: Provisioned) -> None:
    new = _say("rotate_token", _prefix(acme["token"]), "--overlap-hours", "0").strip()
    assert (_is_open(new), _is_open(acme["token"])) == (True, False)


def test_rotation_with_too_long_an_overlap_is_refused(acme: Provisioned) -> None:
    with pytest.raises(CommandError, match="7 days"):
        _say("rotate_token", _prefix(acme["token"]), "--overlap-hours", "169")


@pytest.mark.parametrize("command", ["rotate_token", "revoke_token"])
def test_whole_token_given_by_mistake_is_not_repeated(acme: Provisioned, command: str) -> None:
    with pytest.raises(CommandError) as caught:
        _say(command, acme["token"])
    assert acme["token"][19:62] not in str(caught.value)


def test_revoked_token_opens_nothing_and_cannot_be_revoked_again(acme: Provisioned) -> None:
    assert _say("revoke_token", _prefix(acme["token"])) == f"{_prefix(acme['token'])} is revoked\n"
    assert not _is_open(acme["token"])
    with pytest.raises(CommandError):
        _say("revoke_token", _prefix(acme["token"]))


def test_tokens_are_listed_by_their_public_part(acme: Provisioned) -> None:
    other = _provision(acme["tenant"], "--scopes", "scim:read")["token"]
    _say("revoke_token", _prefix(other))
    first, second = _say("list_tokens", acme["tenant"]).splitlines()
    assert re.fullmatch(rf"{_prefix(acme['token'])}  scim:read,scim:write  ends [\d-]+ [\d:]+  used never", first)
    assert re.fullmatch(rf"{_prefix(other)}  scim:read  revoked [\d-]+ [\d:]+  used never", second)


def test_suspended_and_resumed_tenant_is_said_to_be_so(acme: Provisioned) -> None:
    suspended = _say("suspend_tenant", acme["tenant"], "--reason", "unpaid")
    assert (suspended, _granted(acme["token"]).is_suspended) == (f"{acme['tenant']} is suspended\n", True)
    resumed = _say("resume_tenant", acme["tenant"])
    assert (resumed, _granted(acme["token"]).is_suspended) == (f"{acme['tenant']} is active\n", False)


def test_audit_tail_tells_what_the_commands_did(acme: Provisioned) -> None:
    prefix = _prefix(acme["token"])
    _say("revoke_token", prefix)
    lines = _say("audit_tail", acme["tenant"]).splitlines()
    assert [line[20:] for line in lines] == [
        f"manage.py provision_tenant created the tenant {acme['tenant']}",
        "manage.py provision_tenant created the SCIM client custom",
        f"manage.py provision_tenant issued the token {prefix}",
        f"manage.py revoke_token revoked the token {prefix}",
    ]
    assert _say("audit_tail", acme["tenant"], "--lines", "1").splitlines() == lines[-1:]


def test_stay_on_the_platform_role_is_told_in_the_log_of_the_deployment(acme: Provisioned) -> None:
    told = f"manage.py provision_tenant worked across tenants: provision tenant {acme['tenant']}"
    assert told in _say("audit_tail", "deployment", "--lines", "50")


def test_provision_roles_prints_every_role_and_what_it_may(database: None) -> None:
    said = _say("provision_roles", "--database", "directory")
    for name, attributes in ROLES:
        assert f"CREATE ROLE {name} {attributes}" in said
    assert 'ALTER DATABASE "directory" OWNER TO ln_owner;' in said
    assert all(line.endswith(";") or line.startswith("--") for line in said.splitlines())


def test_sql_of_provision_roles_makes_the_roles_that_the_product_runs_with(database: None) -> None:
    """What the printed attributes promise is what the catalog of the running cluster says."""
    flags = {
        "rolbypassrls": "BYPASSRLS",
        "rolcanlogin": "LOGIN",
        "rolsuper": "SUPERUSER",
        "rolcreaterole": "CREATEROLE",
    }
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT rolname, {', '.join(flags)} FROM pg_roles WHERE rolname LIKE 'ln\\_%%'")
        found = {name: dict(zip(flags.values(), row, strict=True)) for name, *row in cursor.fetchall()}
    for name, attributes in ROLES:
        assert found[name] == {word: word in attributes.split() for word in flags.values()}


def test_migrate_works_as_the_owner() -> None:
    parser = load_command_class("labsninja", "migrate").create_parser("manage.py", "migrate")
    assert isinstance(load_command_class("labsninja", "migrate"), Migrate)
    assert parser.parse_args([]).database == "owner"
    call_command("migrate", check_unapplied=True, verbosity=0, stdout=StringIO())


@pytest.mark.parametrize("command", ["provision_roles", "help"])
def test_command_that_needs_no_database_starts_none(tmp_path: Any, command: str) -> None:
    env = {"PATH": "", "LABSNINJA_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "manage.py", command]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "home").exists()
