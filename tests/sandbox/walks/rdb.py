"""How to call Managed Database."""

from datetime import UTC, datetime, timedelta

from scaleway.rdb.v1.types import (
    ACLRuleRequest,
    EndpointSpec,
    EndpointSpecPrivateNetwork,
    EndpointSpecPrivateNetworkIpamConfig,
    InstanceSetting,
    ReadReplicaEndpointSpec,
    ReadReplicaEndpointSpecDirectAccess,
)

PASSWORD = "R34lP4sSw#Rd"
NOT_IN_SDK = {
    "GET /rdb/v1/exports/{id}/{file}",  # stands for the bucket in which the real API puts exports
}


def walk(sdk):
    api = sdk("rdb.v1.RdbV1API")
    network = sdk("vpc.v2.VpcV2API").create_private_network(default_route_propagation_enabled=False, name="walked")
    api.list_database_engines()
    api.list_node_types(include_disabled_types=False)

    instance = create(api, "walked")
    api.list_instances()
    ready(sdk, api, instance)
    api.update_instance(instance_id=instance.id, tags=["walked"], backup_schedule_start_hour=3)
    upgrades = {"node_type": "db-dev-m"}, {"volume_type": "sbs_5k"}, {"volume_size": 30 * 10**9}, {"enable_ha": True}
    for target in upgrades:
        api.upgrade_instance(instance_id=instance.id, **target)
        ready(sdk, api, instance)
    api.restart_instance(instance_id=instance.id)
    ready(sdk, api, instance)
    api.get_instance_certificate(instance_id=instance.id)
    api.renew_instance_certificate(instance_id=instance.id)
    ready(sdk, api, instance)

    walk_settings(sdk, api, instance)
    walk_access(sdk, api, instance, network)
    walk_contents(api, instance)
    walk_copies(sdk, api, instance)
    walk_replicas(sdk, api, instance)
    api.delete_instance(instance_id=instance.id)


def create(api, name):
    return api.create_instance(
        name=name, engine="PostgreSQL-17", user_name="walker", password=PASSWORD, node_type="DB-DEV-S",
        is_ha_cluster=False, disable_backup=False, volume_size=0, backup_same_region=False,
    )  # fmt: skip


def ready(sdk, api, instance):
    sdk.until(lambda: api.get_instance(instance_id=instance.id), "ready")


def walk_settings(sdk, api, instance):
    settings = [InstanceSetting(name="work_mem", value="8")]
    for change in (api.add_instance_settings, api.set_instance_settings):
        change(instance_id=instance.id, settings=settings)
        ready(sdk, api, instance)
    api.delete_instance_settings(instance_id=instance.id, setting_names=["work_mem"])
    ready(sdk, api, instance)


def walk_access(sdk, api, instance, network):
    rule = ACLRuleRequest(ip="192.0.2.0/24", description="walked")
    for change in (api.add_instance_acl_rules, api.set_instance_acl_rules):
        change(instance_id=instance.id, rules=[rule])
        ready(sdk, api, instance)
    api.list_instance_acl_rules(instance_id=instance.id)
    api.delete_instance_acl_rules(instance_id=instance.id, acl_rule_ips=["192.0.2.0/24"])
    ready(sdk, api, instance)

    wanted = EndpointSpecPrivateNetwork(
        private_network_id=network.id, ipam_config=EndpointSpecPrivateNetworkIpamConfig()
    )
    private = api.create_endpoint(instance_id=instance.id, endpoint_spec=EndpointSpec(private_network=wanted))
    ready(sdk, api, instance)
    api.get_endpoint(endpoint_id=private.id)
    api.delete_endpoint(endpoint_id=private.id)
    ready(sdk, api, instance)
    other = create(api, "host of an endpoint")
    ready(sdk, api, other)
    api.delete_endpoint(endpoint_id=api.get_instance(instance_id=other.id).endpoint.id)
    ready(sdk, api, other)
    public = api.get_instance(instance_id=instance.id).endpoint
    api.migrate_endpoint(endpoint_id=public.id, instance_id=other.id)
    ready(sdk, api, other)
    ready(sdk, api, instance)
    api.delete_instance(instance_id=other.id)


def walk_contents(api, instance):
    here = {"instance_id": instance.id}
    api.create_database(**here, name="walked")
    api.list_databases(**here)
    api.create_user(**here, name="reader", password=PASSWORD, is_admin=False)
    api.update_user(**here, name="reader", is_admin=True)
    api.list_users(**here)
    api.set_privilege(**here, database_name="walked", user_name="reader", permission="readonly")
    assert (
        api.list_privileges(**here, database_name="walked", user_name="reader").privileges[0].permission == "readonly"
    )
    api.delete_user(**here, name="reader")
    api.delete_database(**here, name="walked")


def walk_copies(sdk, api, instance):
    backup = api.create_database_backup(instance_id=instance.id, database_name="rdb", name="walked")

    def settled():
        sdk.until(lambda: api.get_database_backup(database_backup_id=backup.id), "ready")

    settled()
    api.list_database_backups()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    api.update_database_backup(database_backup_id=backup.id, expires_at=tomorrow)
    api.restore_database_backup(database_backup_id=backup.id, instance_id=instance.id)
    settled()
    api.export_database_backup(database_backup_id=backup.id)
    settled()
    api.delete_database_backup(database_backup_id=backup.id)

    snapshot = api.create_snapshot(instance_id=instance.id, name="walked")
    sdk.until(lambda: api.get_snapshot(snapshot_id=snapshot.id), "ready")
    api.list_snapshots()
    api.update_snapshot(snapshot_id=snapshot.id, name="renamed")
    restored = api.create_instance_from_snapshot(snapshot_id=snapshot.id, instance_name="restored", is_ha_cluster=False)
    clone = api.clone_instance(instance_id=instance.id, name="clone")
    for twin in (restored, clone):
        ready(sdk, api, twin)
        api.delete_instance(instance_id=twin.id)
    api.delete_snapshot(snapshot_id=snapshot.id)


def walk_replicas(sdk, api, instance):
    direct = [ReadReplicaEndpointSpec(direct_access=ReadReplicaEndpointSpecDirectAccess())]

    def replica():
        made = api.create_read_replica(instance_id=instance.id, endpoint_spec=direct, same_zone=True)
        settled(made)
        return made

    def settled(made):
        sdk.until(lambda: api.get_read_replica(read_replica_id=made.id), "ready")

    first, second = replica(), replica()
    api.create_read_replica_endpoint(read_replica_id=first.id, endpoint_spec=direct)
    settled(first)
    api.reset_read_replica(read_replica_id=first.id)
    settled(first)
    api.delete_read_replica(read_replica_id=first.id)
    promoted = api.promote_read_replica(read_replica_id=second.id)
    ready(sdk, api, promoted)
    api.delete_instance(instance_id=promoted.id)
