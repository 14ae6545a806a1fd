"""Bundles as people export and verify them: two commands, and one file that runs without the project."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from audit.queries import list_events
from audit.verify import main
from labsninja.env import PROJECT_ROOT
from labsninja.kernel.isolation import tenant_context
from tests.audit.histories import export, list_notes, record, seal


def _verify(*arguments: str | Path) -> tuple[int, str]:
    """The verifier on its own, away from the project."""
    script = PROJECT_ROOT / "audit" / "verify.py"
    done = subprocess.run(
        [sys.executable, "-I", script, *arguments], cwd="/", capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_verifier_runs_alone_and_tells_by_its_exit_status(tenant: UUID, tmp_path: Path) -> None:
    record(tenant, 12)
    seal()
    slug = next(event.target_display for event in list_events(newest=100) if event.action == "tenants.tenant.created")
    written, keys, outside, bad = (tmp_path / name for name in ("bundle", "keys", "outside", "bad"))
    call_command("audit_export", slug, "--output", str(written), "--from", "2026-01-01")
    with keys.open("w") as file:
        call_command("audit_keys", slug, stdout=file)
    outside.write_text("".join(json.dumps({"note": note}) + "\n" for note in list_notes()))
    bad.write_bytes(written.read_bytes().replace(b"Gr", b"gr", 1))
    status, told = _verify(written, "--key", keys, "--checkpoint", outside)
    assert (status, told.split()[0]) == (0, "GENUINE")
    status, told = _verify(written)
    assert (status, told.startswith("SELF-CONSISTENT, ISSUER NOT VERIFIED")) == (2, True)
    status, told = _verify(bad, "--key", keys)
    assert (status, "line " in told) == (1, True)
    assert _verify(tmp_path / "none")[0] == 1
    assert _verify()[0] == 64


@pytest.mark.parametrize("content", ["", "# no key yet\n\n"])
def test_file_without_a_key_vouches_for_nothing(tenant: UUID, tmp_path: Path, content: str) -> None:
    seal()
    written, keys = tmp_path / "bundle", tmp_path / "keys"
    written.write_bytes(export(tenant))
    keys.write_text(content)
    status, told = _verify(written, "--key", keys)
    assert (status, told.startswith("SELF-CONSISTENT, ISSUER NOT VERIFIED")) == (2, True)


@pytest.mark.parametrize("content", ["[]\n", "{}\n", "1\n", '"note"\n', "{\n"])
def test_checkpoints_that_are_none_are_refused(tenant: UUID, tmp_path: Path, content: str) -> None:
    seal()
    written, outside = tmp_path / "bundle", tmp_path / "outside"
    written.write_bytes(export(tenant))
    outside.write_text(content)
    status, told = _verify(written, "--checkpoint", outside)
    assert (status, told.split()[0]) == (1, "BAD")


def test_file_that_is_no_bundle_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for content in (
        b"",
        b"\n",
        b"{}\n{}\n",
        b"\xff\xfe\n\n",
        b"[]\n[]\n",
        b'{"bundle":"labsninja-audit-bundle/1"}\n{}\n',
    ):
        (tmp_path / "file").write_bytes(content)
        assert main([str(tmp_path / "file")]) == 1
        assert "line 1: the header" in capsys.readouterr().out


def test_export_of_a_tenant_with_nothing_sealed_is_refused_and_writes_no_file(
    make_tenant: Callable[[], UUID], tmp_path: Path
) -> None:
    with tenant_context(make_tenant()):
        slug = list_events(newest=1)[0].target_display
    with pytest.raises(CommandError, match="nothing is sealed yet"):
        call_command("audit_export", slug, "--output", str(tmp_path / "bundle"))
    assert not (tmp_path / "bundle").exists()
