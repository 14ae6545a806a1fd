"""A connector's worker against a target with quirks: what is due is done once, and what fails says so."""

from tests.sync.syncing import Site


def test_people_and_groups_arrive_with_their_members(site: Site) -> None:
    ada, bob = site.hire("ada", "bob", displayName="Somebody")
    site.form("engineers", [ada, bob])
    site.sync()
    assert site.target.names == ["ada", "bob"]
    (group,) = site.target.groups.values()
    assert group["displayName"] == "engineers"
    assert {member["value"] for member in group["members"]} == set(site.target.users)


def test_nothing_is_sent_for_what_stands_there_already(site: Site) -> None:
    (ada,) = site.hire("ada")
    site.sync()
    calls = len(site.target.calls)
    site.change(ada, {"op": "replace", "path": "displayName", "value": "Ada"})
    site.change(ada, {"op": "remove", "path": "displayName"})
    assert site.sync() == 1
    assert len(site.target.calls) == calls
