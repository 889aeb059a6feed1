"""What keeps a project from being deleted, and what goes with it."""

import threading
import time

import boto3
import pytest
from botocore.exceptions import ClientError

PROJECTS = "/account/v3/projects"
BACKUPS = "/rdb/v1/regions/fr-par/backups"
INSTANCES = "/rdb/v1/regions/fr-par/instances"


@pytest.fixture
def project(api):
    return api.post(PROJECTS, json={"name": "held"}).json()["id"]


def is_held(api, project) -> bool:
    answer = api.delete(f"{PROJECTS}/{project}")
    assert answer.status_code in (204, 412), answer.text
    return answer.status_code == 412 and answer.json()["precondition"] == "resource_not_usable"


def until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_bucket_keeps_its_project(sandbox, client, api, project):
    s3 = boto3.client(
        "s3",
        endpoint_url=sandbox.settings.s3_url,
        region_name="fr-par",
        aws_access_key_id=f"{client.access_key}@{project}",
        aws_secret_access_key=client.secret_key,
    )
    s3.create_bucket(Bucket="held")
    assert is_held(api, project)
    s3.delete_bucket(Bucket="held")
    assert not is_held(api, project)
    with pytest.raises(ClientError):
        s3.create_bucket(Bucket="held")


def test_a_backup_keeps_its_project_when_its_instance_is_gone(api, project):
    body = {"name": "x", "engine": "PostgreSQL-17", "node_type": "db-dev-s", "project_id": project}
    instance = f"{INSTANCES}/{api.post(INSTANCES, json=body).json()['id']}"
    until(lambda: api.get(instance).json()["status"] == "ready")
    body = {"name": "x", "instance_id": instance.rpartition("/")[2], "database_name": "rdb"}
    backup = f"{BACKUPS}/{api.post(BACKUPS, json=body).json()['id']}"
    until(lambda: api.get(backup).json()["status"] == "ready")
    api.delete(instance)
    until(lambda: api.get(instance).status_code == 404)
    assert is_held(api, project)
    api.delete(backup)
    until(lambda: api.get(backup).status_code == 404)
    assert not is_held(api, project)


def test_what_is_no_resource_goes_with_its_project(sandbox, api, project):
    here = {"project_id": project}
    cockpit = "/cockpit/v1/regions/fr-par/alert-manager"
    assert api.post(f"{cockpit}/enable", json=here).status_code == 200
    assert api.post("/cockpit/v1/grafana/users", json=here | {"login": "ann", "role": "viewer"}).status_code == 200
    pipeline = api.post("/edge-services/v1beta1/pipelines", json=here | {"name": "x"}).json()["id"]
    api.post("/edge-services/v1beta1/purge-requests", json={"pipeline_id": pipeline, "all": True})
    api.delete(f"/edge-services/v1beta1/pipelines/{pipeline}")
    domains = "/transactional-email/v1alpha1/regions/fr-par/domains"
    domain = api.post(domains, json=here | {"domain_name": "gone.example.com", "accept_tos": True}).json()["id"]
    assert is_held(api, project)
    api.post(f"{domains}/{domain}/revoke", json={})
    assert not is_held(api, project)
    assert not sandbox.store.of_project(project)


def test_nothing_is_made_in_a_project_that_is_being_deleted(sandbox, api, project, monkeypatch):
    """Whoever is second to ask waits for the answer to the first."""
    of_project, answers = sandbox.store.of_project, []
    body = {"name": "late", "project_id": project}
    late = threading.Thread(target=lambda: answers.append(api.post("/vpc/v2/regions/fr-par/vpcs", json=body)))

    def meanwhile(id):
        found = of_project(id)
        late.start()
        late.join(0.3)
        return found

    monkeypatch.setattr(sandbox.store, "of_project", meanwhile)
    assert api.delete(f"{PROJECTS}/{project}").status_code == 204
    late.join()
    assert [answer.status_code for answer in answers] == [403]
    assert not of_project(project)
