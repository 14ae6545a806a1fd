"""Getting to know a target: what the connection test says, and which layer of the profile wins."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from scim.targets import Outcome, Profile, ProfileError, TargetError, check_connection, discover_profile, make_profile
from scim.targets.presets import PRESETS, TITLES
from scim.targets.profile import PatchForm, Source
from tests.sync.quirk_server import serving
from tests.sync.quirks import Quirks
from tests.sync.reaching import LOOPBACK, fill, reaching


def outcomes(quirks: Quirks, count: int = 3) -> dict[str, str]:
    with reaching(quirks) as (target, server):
        fill(server, count)
        state = dict(server.users)
        report = check_connection(target)
        assert server.users == state
    return {step.name: step.outcome.value for step in report.steps}


def test_plain_target_passes_every_step() -> None:
    assert outcomes(Quirks()) == dict.fromkeys(
        ("Reached", "Description", "Token", "Users", "Search", "Pages", "Groups", "Changes"), "works"
    )


@pytest.mark.parametrize(
    ("quirks", "step", "field", "value", "source"),
    [
        ({"patch": False}, "Changes", "patch", "none", "observed"),
        ({"discovery": False}, "Description", "patch", "value-filter-paths", "default"),
        ({"filter": "refused"}, "Search", "filter", False, "observed"),
        ({"filter": "ignored"}, "Search", "filter", False, "observed"),
        ({"paging": "none"}, "Pages", "paging", "none", "observed"),
        ({"paging": "cursor"}, None, "paging", "cursor", "declared"),
        ({"etag": True}, None, "etag", True, "observed"),
        ({"page_limit": 20}, None, "page_size", 20, "declared"),
    ],
)
def test_what_a_target_does_differently_is_in_its_profile(
    quirks: dict[str, Any], step: str | None, field: str, value: Any, source: str
) -> None:
    with reaching(Quirks(**quirks)) as (target, server):
        fill(server, 3)
        report = check_connection(target)
        profile = discover_profile(target)
    assert report.is_usable
    differing = [found.name for found in report.steps if found.outcome is Outcome.DIFFERS]
    assert differing == ([step] if step else [])
    assert (field, value, source) in profile.explain()
    assert profile == report.profile


@pytest.mark.parametrize(
    ("quirks", "step", "words"),
    [
        (Quirks(locked_out=range(1, 99)), "Token", "refused (answered 401)"),
        (Quirks(storm=range(4, 99)), "Limit", "left alone"),
        (Quirks(delay=0.4), "Reached", "no complete answer in time"),
    ],
)
def test_target_that_cannot_be_used_says_why(quirks: Quirks, step: str, words: str) -> None:
    with reaching(quirks, total_seconds=0.3) as (target, _):
        report = check_connection(target)
        assert not report.is_usable
        assert report.steps[-1].name == step
        assert words in report.steps[-1].words
        with pytest.raises(TargetError):
            discover_profile(target)


def test_token_that_may_only_read_is_told() -> None:
    with reaching(Quirks(read_only=True)) as (target, _):
        report = check_connection(target)
    assert not report.is_usable
    assert "may read but not write" in report.steps[-1].words
    assert report.profile.source("etag") is Source.DECLARED


def test_address_that_is_no_scim_service_says_so() -> None:
    with reaching(Quirks()) as (target, server):
        server.directory.resources.clear()
        report = check_connection(target)
    assert "does it end with the SCIM base path" in report.steps[-1].words


def test_stronger_layer_wins_and_says_so() -> None:
    layers: dict[Source, dict[str, Any]] = {
        Source.DECLARED: {"page_size": 10, "patch": "none", "bulk": True, "put": False},
        Source.OBSERVED: {"page_size": 30, "patch": "value-filter-paths"},
        Source.OVERRIDE: {"page_size": 40},
    }
    profile = Profile.layered(layers, preset="github")
    assert (profile.page_size, profile.patch, profile.bulk, profile.put) == (40, PatchForm.VALUE_FILTERS, False, False)
    sources = [profile.source(name).value for name in ("page_size", "patch", "bulk", "put", "delete")]
    assert sources == ["override", "observed", "preset", "declared", "default"]
    assert Profile.from_dict(profile.to_dict()) == profile
    assert profile.overridden({"page_size": None}).page_size == 30
    assert Profile.from_dict({"preset": "slack"}).page_size == 1000


@pytest.mark.parametrize("preset", PRESETS)
def test_preset_is_a_profile_with_a_title(preset: str) -> None:
    profile = make_profile(preset, {"put": False})
    assert Profile.from_dict(profile.to_dict()) == profile
    assert TITLES[preset]


@pytest.mark.parametrize(
    "values",
    [
        {"speed": 1},
        {"patch": "sometimes"},
        {"page_size": 0},
        {"page_size": None},
        {"page_size": 1.5},
        {"put": "yes"},
        {"user_endpoint": "Users"},
        {"throttle_words": "slow"},
    ],
    ids=str,
)
def test_value_that_a_field_cannot_have_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ProfileError, match=next(iter(values))):
        Profile.from_dict({"layers": {"override": values}})


def test_command_shows_the_steps_and_the_profile(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.LABSNINJA_OUTBOUND = LOOPBACK
    file = tmp_path / "token"
    with serving() as server:
        file.write_text(f"{server.quirks.token}\n")
        call_command("connector_probe", server.url, token_file=str(file), preset="aws-identity-center")
        told = capsys.readouterr().out
        assert "ok    Users" in told
        assert any(line.split() == ["max_members_per_patch", "100", "preset"] for line in told.splitlines())
        file.write_text("other")
        with pytest.raises(CommandError, match="nothing can be sent"):
            call_command("connector_probe", server.url, token_file=str(file))
        file.write_text("")
        with pytest.raises(CommandError, match="is empty"):
            call_command("connector_probe", server.url, token_file=str(file))
