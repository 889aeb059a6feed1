"""What is kept of a system's deployments, and where a rollback leads."""

from __future__ import annotations

from ansible_collections.stackway.scaleway.plugins.filter.with_deployment import KEPT, with_deployment


def walk(*steps):
    """Deployments after steps of (action, version, runs)."""
    deployments, ran = [], {}
    for action, version, name in steps:
        runs = {"app-1": name, "worker": name}
        deployments = with_deployment(deployments, runs=runs, ran=ran, version=version, action=action, at=f"at {name}")
        ran = runs
    return deployments


def test_a_rollback_after_a_rollback_leads_further_back():
    deployments = walk(("deploy", "v1", "v1"), ("deploy", "v2", "v2"), ("deploy", "v3", "v3"), ("rollback", "v2", "v2"))
    assert [(each["version"], each["before"]) for each in deployments] == [
        ("v2", "v1"), ("v3", "v2"), ("v2", "v1"), ("v1", ""),
    ]  # fmt: skip


def test_the_same_again_is_nothing_new():
    once = walk(("deploy", "v1", "v1"))
    assert with_deployment(once, runs=once[0]["runs"], ran=once[0]["runs"], version="v1", at="later") is once


def test_what_was_there_without_a_deployment_can_be_gone_back_to():
    deployments = with_deployment([], runs={"app-1": "v2"}, ran={"app-1": "3f2a"}, version="v2", at="now")
    assert [(each["version"], each["before"], each["action"]) for each in deployments] == [
        ("v2", "3f2a", "deploy"), ("3f2a", "", "found"),
    ]  # fmt: skip


def test_a_version_that_was_only_found_is_not_chosen_until_a_rollback():
    deployments = walk(("deploy", "", "3f2a"), ("deploy", "", "77aa"), ("rollback", "", "3f2a"))
    assert [each["chosen"] for each in deployments] == [True, False, False]
    assert deployments[0]["version"] == "3f2a"


def test_the_list_ends_somewhere():
    assert len(walk(*(("deploy", f"v{number}", f"v{number}") for number in range(KEPT + 9)))) == KEPT
