"""Load balancers whose API answers what no test can bring about in the sandbox."""

from __future__ import annotations

from ansible_collections.stackway.scaleway.plugins.module_utils.resources.lb import Lb


def test_one_that_failed_can_be_removed(client, api):
    current = {"id": "6b3e1f42-9c0d-4f51-8a6e-0c8f1de0a001", "name": "shop", "status": "error"}
    api.script = [(200, {"private_network": [], "total_count": 0}), (204, None)]
    Lb(client, {"id": current["id"]}).delete(current)
    assert [method for method, _path, _body in api.requests][-1] == "DELETE"
