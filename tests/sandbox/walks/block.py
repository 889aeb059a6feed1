from functools import partial

from scaleway.block import v1, v1alpha1


def walk(sdk):
    listed, created = {"include_deleted": False}, {"public": False}
    walk_version(sdk, sdk("block.v1.BlockV1API"), v1.CreateVolumeRequestFromEmpty(size=10**9), listed, created)
    walk_version(sdk, sdk("block.v1alpha1.BlockV1Alpha1API"), v1alpha1.CreateVolumeRequestFromEmpty(size=10**9), {}, {})


def walk_version(sdk, api, content, listed, created):
    """`listed`, `created`: what v1 wants to be told in addition, for a list and for a new snapshot."""
    volume = api.create_volume(name="walked", perf_iops=5000, from_empty=content)
    sdk.until(partial(api.get_volume, volume_id=volume.id), "available")
    api.list_volumes(**listed)
    api.update_volume(volume_id=volume.id, tags=["walked"])
    snapshot = api.create_snapshot(volume_id=volume.id, name="walked", **created)
    sdk.until(partial(api.get_snapshot, snapshot_id=snapshot.id), "available")
    api.list_snapshots(**listed)
    api.update_snapshot(snapshot_id=snapshot.id, tags=["walked"])
    api.delete_snapshot(snapshot_id=snapshot.id)
    api.delete_volume(volume_id=volume.id)
    api.list_volume_types()
