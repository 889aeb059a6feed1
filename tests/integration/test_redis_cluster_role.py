"""Role redis_cluster: a cache that only those can reach whom it names, its password in Secret Manager."""

from __future__ import annotations

import pytest
import redis

VARIABLES = {
    "redis_cluster_name": "role",
    "redis_cluster_user": "app",
    "redis_cluster_secret": "/cache/redis-password",
    "redis_cluster_acl_rules": [{"ip_cidr": "10.0.0.0/8", "description": "this machine"}],
}
MADE = ["Have the password", "Have the cluster"]


@pytest.fixture(scope="module")
def role(sandbox):
    """Run the role; ([task that changed something], what it tells, why it failed)."""

    def run(*arguments, **variables):
        tasks = [
            {"name": "role", "ansible.builtin.import_role": {"name": "stackway.scaleway.redis_cluster"}},
            {
                "name": "told",
                "ansible.builtin.debug": {
                    "msg": {
                        "endpoint": "{{ redis_cluster_endpoint | default({}) }}",
                        "certificate": "{{ redis_cluster_certificate | default('') }}",
                        "password": "{{ query('stackway.scaleway.secret', redis_cluster_secret, planned=true) | first }}",
                    }
                },
            },
        ]
        if variables.get("redis_cluster_state") == "absent":
            tasks.pop()
        results = sandbox.play(tasks, *arguments, extra=VARIABLES | variables)
        changed = [name.rpartition(" : ")[2] for name, result in results.items() if result.get("changed")]
        faults = [str(result.get("msg")) for result in results.values() if result.get("failed")]
        return changed, results.get("told", {}).get("msg"), faults

    yield run
    run(redis_cluster_state="absent")


def test_the_cluster_is_made_as_planned_and_takes_who_has_the_password(role, tmp_path):
    planned, _told, faults = role("--check")
    assert (planned, faults) == (MADE, [])
    done, told, faults = role()
    assert (done, faults) == (MADE, [])
    assert role()[0] == []
    (tmp_path / "ca.pem").write_text(told["certificate"])
    where = {"host": told["endpoint"]["ip"], "port": told["endpoint"]["port"]}
    trust = {"ssl": True, "ssl_ca_certs": str(tmp_path / "ca.pem")}
    assert redis.Redis(username="app", password=told["password"], **where, **trust).ping()


@pytest.mark.parametrize("network", [{}, {"redis_cluster_private_network": "any"}])
def test_who_may_reach_it_is_said_in_one_way(role, network):
    rules = {} if network else {"redis_cluster_acl_rules": []}
    _changed, _told, faults = role("--check", **network, **rules)
    assert any("give one of them" in fault for fault in faults)


def test_it_goes_with_its_password(role):
    assert role(redis_cluster_state="absent")[0] == ["Delete the cluster", "Delete the password"]
    assert role(redis_cluster_state="absent")[0] == []
