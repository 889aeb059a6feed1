RULE = {"protocol": "TCP", "direction": "inbound", "action": "accept", "ip_range": "192.0.2.0/24", "position": 1}


def walk(sdk):
    api = sdk("instance.v1.custom_api.InstanceUtilsV1API")
    products(api)
    group = security_groups(api)
    ip = ips(api)
    placement = api.create_placement_group(name="walked").placement_group
    api.get_placement_group(placement_group_id=placement.id)
    api.list_placement_groups()
    api.update_placement_group(placement_group_id=placement.id, name="renamed")
    volume = api.create_volume(name="walked", volume_type="l_ssd", size=1_000_000_000).volume
    api.get_volume(volume_id=volume.id)
    api.list_volumes()
    api.update_volume(volume_id=volume.id, name="renamed")

    server = api.create_server(
        name="walked", commercial_type="DEV1-S", image="debian_trixie", public_ips=[ip.id], security_group=group.id,
        placement_group=placement.id, protected=False, dynamic_ip_required=False,
    ).server  # fmt: skip
    api.get_server(server_id=server.id)
    api.list_servers()
    api._update_server(server_id=server.id, tags=["walked"])
    api.get_server_compatible_types(server_id=server.id)
    api.attach_server_volume(server_id=server.id, volume_id=volume.id)
    api.detach_server_volume(server_id=server.id, volume_id=volume.id)
    user_data(api, server)
    power(sdk, api, server)
    private_nics(sdk, api, server)
    images(sdk, api, volume)

    api.delete_server(server_id=server.id)
    api.delete_volume(volume_id=volume.id)
    api.delete_placement_group(placement_group_id=placement.id)
    api.delete_ip(ip=ip.id)
    api.delete_security_group(security_group_id=group.id)


def ips(api):
    # The SDK's types promise a prefix, which the API has for version 6 alone.
    raw = api._api
    ip = raw.create_ip(type_="routed_ipv4", tags=["walked"]).ip
    raw.get_ip(ip=ip.id)
    raw.list_ips()
    raw.update_ip(ip=ip.id, tags=["walked", "again"])
    return ip


def products(api):
    api.list_servers_types()
    api.get_server_types_availability()
    api.list_volumes_types()


def security_groups(api):
    group = api.create_security_group(name="walked", description="", stateful=True).security_group
    api.get_security_group(security_group_id=group.id)
    api.list_security_groups()
    api.update_security_group(security_group_id=group.id, name="renamed")
    rule = api.create_security_group_rule(security_group_id=group.id, editable=True, **RULE).rule
    which = {"security_group_id": group.id, "security_group_rule_id": rule.id}
    api.get_security_group_rule(**which)
    api.update_security_group_rule(**which, dest_port_from=80)
    api._set_security_group_rule(**which, id=rule.id, editable=True, **RULE)
    api.list_security_group_rules(security_group_id=group.id)
    api.delete_security_group_rule(**which)
    api.set_security_group_rules(security_group_id=group.id, rules=[])
    return group


def user_data(api, server):
    # Plain text, which is not unmarshalled: only that the calls are answered is of interest here.
    raw = api._api
    raw.set_server_user_data(server_id=server.id, key="walked", content=b"text")
    raw.get_server_user_data(server_id=server.id, key="walked")
    api.list_server_user_data(server_id=server.id)
    api.delete_server_user_data(server_id=server.id, key="walked")


def power(sdk, api, server):
    def get():
        return api.get_server(server_id=server.id).server

    api.list_server_actions(server_id=server.id)
    api.server_action(server_id=server.id, action="poweron")
    sdk.until(get, "running")
    api.server_action(server_id=server.id, action="poweroff")
    sdk.until(get, "stopped")


def private_nics(sdk, api, server):
    vpc, v2 = sdk("vpc.v2.VpcV2API"), sdk("instance.v2alpha1.InstanceV2Alpha1API")
    networks = [
        vpc.create_private_network(name=name, default_route_propagation_enabled=False) for name in ("first", "second")
    ]
    nic = api.create_private_nic(server_id=server.id, private_network_id=networks[0].id).private_nic
    api.get_private_nic(server_id=server.id, private_nic_id=nic.id)
    api.list_private_ni_cs(server_id=server.id)
    api.update_private_nic(server_id=server.id, private_nic_id=nic.id, tags=["walked"])
    api.delete_private_nic(server_id=server.id, private_nic_id=nic.id)

    card = v2.create_private_network_interface(server_id=server.id, private_network_id=networks[1].id)
    v2.get_private_network_interface(private_network_interface_id=card.id)
    v2.list_private_network_interfaces()
    v2.update_private_network_interface(private_network_interface_id=card.id, tags=["walked"])
    v2.delete_private_network_interface(private_network_interface_id=card.id)


def images(sdk, api, volume):
    snapshot = api.create_snapshot(name="walked", volume_id=volume.id, volume_type="l_ssd").snapshot
    sdk.until(lambda: api.get_snapshot(snapshot_id=snapshot.id).snapshot, "available")
    api.list_snapshots()
    api.update_snapshot(snapshot_id=snapshot.id, name="renamed")
    image = api.create_image(name="walked", root_volume=snapshot.id, arch="x86_64").image
    sdk.until(lambda: api.get_image(image_id=image.id).image, "available")
    api.list_images()
    api.update_image(image_id=image.id, name="renamed")
    api.delete_image(image_id=image.id)
    api.delete_snapshot(snapshot_id=snapshot.id)
