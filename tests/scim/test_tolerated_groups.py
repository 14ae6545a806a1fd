"""The tolerance table for groups: forms in which members come and go, those who are unknown, and groups as members."""

from uuid import uuid4

from tests.scim.answers import (
    create_group,
    events_about,
    members_of,
    newest_warnings,
    operation,
    patch,
    refusal,
    set_client,
)
from tests.scim.conftest import Provider


def test_t05_values_to_remove_may_come_in_an_object(provider: Provider) -> None:
    ada, bob = (provider.create(name)["id"] for name in ("ada", "bob"))
    group = create_group(provider, "Lab", ada, bob)
    removed = operation("remove", "members", value={"members": [{"$ref": None, "value": ada}]})
    patch(provider, f"/Groups/{group['id']}", removed)
    assert newest_warnings(provider) == ["W_REMOVE_VALUE"]
    assert members_of(provider, group) == [bob]
    set_client(provider, strict=True)
    refusal(patch(provider, f"/Groups/{group['id']}", removed), 400, "invalidSyntax")


def test_t06_bare_remove_empties_a_group_and_the_audit_says_so(provider: Provider) -> None:
    group = create_group(provider, "Lab", provider.create("ada")["id"])
    patch(provider, f"/Groups/{group['id']}", operation("remove", "members"))
    assert (newest_warnings(provider), members_of(provider, group)) == ([], [])
    assert events_about(provider, group["id"])[-1]["details"]["massRemoval"] == 1


def test_t36_null_empties_a_group(provider: Provider) -> None:
    group = create_group(provider, "Lab", provider.create("ada")["id"])
    emptied = operation("replace", "members", value=None)
    patch(provider, f"/Groups/{group['id']}", emptied)
    assert (newest_warnings(provider), members_of(provider, group)) == (["W_NULL_REPLACE"], [])
    set_client(provider, strict=True)
    refusal(patch(provider, f"/Groups/{group['id']}", emptied), 400, "invalidValue")


def test_t37_unknown_members_do_not_keep_the_known_ones_out(provider: Provider) -> None:
    ada, group = provider.create("ada")["id"], create_group(provider, "Lab")
    values = [ada, {"value": str(uuid4()), "$ref": None}, {"value": ada}]
    added = operation("add", "members", value=values)
    assert patch(provider, f"/Groups/{group['id']}", added).status_code == 204
    assert (newest_warnings(provider), members_of(provider, group)) == (["W_UNKNOWN_MEMBER"], [ada])
    set_client(provider, strict=True)
    refusal(
        patch(provider, f"/Groups/{group['id']}", operation("add", "members", value=[str(uuid4())])),
        400,
        "invalidValue",
    )


def test_t38_group_is_a_member_but_not_of_itself(provider: Provider) -> None:
    inner, outer = create_group(provider, "Inner"), create_group(provider, "Outer")
    added = operation("add", "members", value=[inner["id"]])
    assert patch(provider, f"/Groups/{outer['id']}", added).status_code == 204
    refusal(patch(provider, f"/Groups/{inner['id']}", added), 400, "invalidValue")
