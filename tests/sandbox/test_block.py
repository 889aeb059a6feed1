"""Volumes and snapshots, through the SDK."""

import time

import pytest
from scaleway.block.v1 import BlockV1API, CreateVolumeRequestFromEmpty, CreateVolumeRequestFromSnapshot
from scaleway_core.api import ScalewayException

from sandbox.services.block import Volumes

GB = 10**9


@pytest.fixture
def block(client):
    return BlockV1API(client)


@pytest.fixture
def volume(block):
    return ready(block, create(block))


def create(block, name="hold", size=20 * GB, perf_iops=5000, **fields):
    fields = fields or {"from_empty": CreateVolumeRequestFromEmpty(size=size)}
    return block.create_volume(name=name, perf_iops=perf_iops, **fields)


def settled(read):
    """What `read()` gives once the status is no passing one. (The SDK's own waiters look once a second.)"""
    deadline = time.monotonic() + 10
    while (found := read()).status in ("creating", "updating"):
        assert time.monotonic() < deadline, f"still {found.status}"
        time.sleep(0.02)
    return found


def ready(block, volume):
    return settled(lambda: block.get_volume(volume_id=volume.id))


def refusal(call, *args, **kwargs):
    with pytest.raises(ScalewayException) as caught:
        call(*args, **kwargs)
    return caught.value.response.status_code, caught.value.response.json()


def test_creation_takes_its_time(block):
    created = create(block, perf_iops=15000)
    assert (created.status, created.type_, created.size) == ("creating", "sbs_15k", 20 * GB)
    assert ready(block, created).status == "available"


def test_growth_is_told_after_the_update(block, volume):
    answered = block.update_volume(volume_id=volume.id, size=30 * GB)
    assert (answered.status, answered.size) == ("updating", 20 * GB)
    assert ready(block, volume).size == 30 * GB


def test_performance_changes_both_ways(block, volume):
    for perf_iops, type_ in ((15000, "sbs_15k"), (5000, "sbs_5k")):
        block.update_volume(volume_id=volume.id, perf_iops=perf_iops)
        changed = ready(block, volume)
        assert (changed.specs.perf_iops, changed.type_) == (perf_iops, type_)


def test_a_new_name_is_there_at_once(block, volume):
    answered = block.update_volume(volume_id=volume.id, name="cellar", tags=["a"])
    assert (answered.status, answered.name, answered.tags) == ("available", "cellar", ["a"])


@pytest.mark.parametrize(
    ("fields", "argument"),
    [({"size": 10 * GB}, "size"), ({"size": 10**14}, "size"), ({"perf_iops": 7000}, "perf_iops")],
)
def test_an_update_that_cannot_be(block, volume, fields, argument):
    status, body = refusal(block.update_volume, volume_id=volume.id, **fields)
    assert (status, body["details"][0]["argument_name"]) == (400, argument)
    assert block.get_volume(volume_id=volume.id).status == "available"


@pytest.mark.parametrize(
    ("fields", "argument"),
    [({"size": 1}, "from_empty.size"), ({"perf_iops": 1}, "perf_iops"), ({"kms_key_id": "k"}, "from_empty")],
)
def test_a_volume_that_cannot_be(block, fields, argument):
    status, body = refusal(create, block, **fields)
    assert (status, body["details"][0]["argument_name"]) == (400, argument)


def test_a_volume_in_change_is_left_alone(sandbox, block, volume):
    sandbox.freezer.freeze(volume.id)
    try:
        block.update_volume(volume_id=volume.id, size=30 * GB)
        status, body = refusal(block.delete_volume, volume_id=volume.id)
        assert (status, body["current_state"]) == (409, "updating")
    finally:
        sandbox.freezer.thaw()
    assert ready(block, volume).size == 30 * GB


def test_a_volume_of_a_server(sandbox, block, volume):
    volumes = sandbox.services[Volumes]
    volumes.attach(volume.id, "server")
    taken = block.get_volume(volume_id=volume.id)
    assert (taken.status, taken.references[0].product_resource_id) == ("in_use", "server")
    assert [found.id for found in block.list_volumes_all(include_deleted=False, product_resource_id="server")] == [
        volume.id
    ]
    assert refusal(block.delete_volume, volume_id=volume.id)[0] == 412
    block.update_volume(volume_id=volume.id, size=30 * GB)
    assert ready(block, volume).status == "in_use"
    volumes.detach(volume.id)
    left = block.get_volume(volume_id=volume.id)
    assert (left.status, left.references) == ("available", [])
    assert left.last_detached_at
    block.delete_volume(volume_id=volume.id)
    assert refusal(block.get_volume, volume_id=volume.id)[1]["resource"] == "volume"


def test_snapshots(block, volume):
    snapshot = block.create_snapshot(volume_id=volume.id, name="then", public=False)
    assert snapshot.status == "creating"
    snapshot = settled(lambda: block.get_snapshot(snapshot_id=snapshot.id))
    assert (snapshot.size, snapshot.parent_volume.id, snapshot.class_) == (volume.size, volume.id, "sbs")
    assert [found.id for found in block.list_snapshots_all(include_deleted=False, volume_id=volume.id)] == [snapshot.id]
    small = CreateVolumeRequestFromSnapshot(snapshot_id=snapshot.id, size=10 * GB)
    assert refusal(create, block, from_snapshot=small)[1]["details"][0]["argument_name"] == "from_snapshot.size"
    copy = create(block, from_snapshot=CreateVolumeRequestFromSnapshot(snapshot_id=snapshot.id, size=25 * GB))
    assert (copy.size, copy.parent_snapshot_id) == (25 * GB, snapshot.id)
    block.delete_volume(volume_id=volume.id)
    assert block.get_snapshot(snapshot_id=snapshot.id).parent_volume is None
    block.delete_snapshot(snapshot_id=snapshot.id)


def test_the_snapshot_of_an_image_is_nobody_elses(sandbox, block, volume):
    hidden = "11111111-1111-4111-8111-111111111111"
    sandbox.store.change("block.volume", volume.id, parent_snapshot_id=hidden)
    status, body = refusal(block.get_snapshot, snapshot_id=hidden)
    assert (status, body["details"]) == (403, [{"action": "read", "resource": "snapshot"}])


def test_the_version_before_is_served_too(api, volume):
    old = api.get(f"/block/v1alpha1/zones/fr-par-1/volumes/{volume.id}").json()
    new = api.get(f"/block/v1/zones/fr-par-1/volumes/{volume.id}").json()
    assert new.pop("kms_key_id") is None
    assert old == new


def test_volume_types(block):
    assert [found.type_ for found in block.list_volume_types_all()] == ["sbs_5k", "sbs_15k"]
