"""What the module makes of a pipeline as the API tells it."""

from __future__ import annotations

import pytest
from ansible_collections.stackway.scaleway.plugins.module_utils.errors import ResourceError
from ansible_collections.stackway.scaleway.plugins.module_utils.resources.edge_services_pipeline import Pipeline


def test_a_pipeline_that_failed_says_why(client, monkeypatch):
    broken = {"code": "tls_cert_expired", "stage": "tls", "message": "certificate has expired"}
    record = {"id": "1", "name": "media", "status": "error", "errors": [broken]}
    monkeypatch.setattr(Pipeline, "get", lambda self, current: record)
    with pytest.raises(ResourceError, match="media is in state 'error': tls_cert_expired: certificate has expired"):
        Pipeline(client, {"name": "media"}).wait(record)
