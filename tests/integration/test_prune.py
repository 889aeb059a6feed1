"""What left the inventory is told, and removed where that is wanted: nothing else is."""

from __future__ import annotations

import pytest

SERVER = {"commercial_type": "PLAY2-PICO", "image": "debian_trixie", "security_group": "shop"}
GROUPS = [{"name": "shop"}, {"name": "shop-worker"}]
BEFORE = [SERVER | {"name": "shop-web", "count": 2}, SERVER | {"name": "shop-worker", "security_group": "shop-worker"}]
AFTER = [SERVER | {"name": "shop-web", "count": 1, "public_ip": False}]
LEFT = {
    "instance_server": ["shop-web-2", "shop-worker"],
    "instance_ip": ["shop-web-1", "shop-web-2", "shop-worker"],
    "instance_security_group": ["shop-worker"],
}


@pytest.fixture
def site(api_sandbox, tmp_path):
    """Run the role and what prunes after it; ({changed task: what its items were}, what is left over)."""

    def run(*arguments, **variables):
        role = "stackway.scaleway.instance"
        variables = {"instance_tags": ["shop"], "instance_known_hosts": str(tmp_path / "known")} | variables
        tasks = [
            {"name": "role", "ansible.builtin.import_role": {"name": role}},
            {"name": "prune", "ansible.builtin.import_role": {"name": role, "tasks_from": "prune"}},
            {"name": "left", "ansible.builtin.debug": {"msg": "{{ instance_leftovers }}"}},
        ]
        results = api_sandbox.play(tasks, *arguments, extra=variables)
        for result in results.values():
            assert not result.get("failed"), result
        changed = {
            name.rpartition(" : ")[2]: sorted(
                item["item"] if isinstance(item["item"], str) else item["item"]["name"]
                for item in result["results"]
                if item["changed"]
            )
            for name, result in results.items()
            if result.get("changed")
        }
        return changed, {kind: sorted(names) for kind, names in results["left"]["msg"].items()}

    yield run
    run(instance_state="present", instance_servers=[], instance_security_groups=[], instance_prune=True)


def test_what_left_the_inventory_is_told_and_removed_on_request(site, api_sandbox):
    other = {"name": "other", "commercial_type": "PLAY2-PICO", "image": "debian_trixie", "tags": ["shopping", "prod"]}
    assert not api_sandbox.task("instance_server", other).get("failed")
    site(instance_servers=BEFORE, instance_security_groups=GROUPS)

    declared = {"instance_servers": AFTER, "instance_security_groups": GROUPS[:1]}
    changed, left = site(**declared)
    assert changed == {"Have the servers": ["shop-web-1"]}  # it gives its address up
    assert left == LEFT
    assert site(**declared) == ({}, LEFT)

    removed = {
        "Remove servers that are no longer declared": LEFT["instance_server"],
        "Release addresses that are no longer declared": LEFT["instance_ip"],
        "Remove security groups that are no longer declared": LEFT["instance_security_group"],
    }
    assert site("--check", **declared, instance_prune=True) == (removed, {})
    assert site(**declared, instance_prune=True) == (removed, {})
    assert site(**declared, instance_prune=True) == ({}, {})
    assert [server["name"] for server in api_sandbox.task("instance_server_info", {"name": "other"})["servers"]]
    api_sandbox.task("instance_server", {"name": "other", "state": "absent"})


def test_without_tags_nothing_is_taken_for_a_leftover(site, api_sandbox):
    site(instance_servers=BEFORE, instance_security_groups=GROUPS)
    changed, left = site(instance_tags=[], instance_servers=[], instance_security_groups=[], instance_prune=True)
    assert (changed, left) == ({}, {})
