from scaleway.ipam.v1 import CustomResource, Source

ONE, OTHER = CustomResource(mac_address="02:00:00:00:00:0A"), CustomResource(mac_address="02:00:00:00:00:0B")


def walk(sdk):
    vpcs, api = sdk("vpc.v2.VpcV2API"), sdk("ipam.v1.IpamV1API")
    network = vpcs.create_private_network(name="walked", default_route_propagation_enabled=False)
    source = Source(private_network_id=network.id)
    ip = api.book_ip(source=source, is_ipv6=False)
    api.get_ip(ip_id=ip.id)
    api.list_i_ps(private_network_id=network.id)
    api.update_ip(ip_id=ip.id, tags=["walked"])
    api.attach_ip(ip_id=ip.id, resource=ONE)
    api.move_ip(ip_id=ip.id, from_resource=ONE, to_resource=OTHER)
    api.detach_ip(ip_id=ip.id, resource=OTHER)
    api.release_ip(ip_id=ip.id)
    api.release_ip_set(ip_ids=[api.book_ip(source=source, is_ipv6=True).id])
    vpcs.delete_private_network(private_network_id=network.id)
