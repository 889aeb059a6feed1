NOT_IN_SDK = {"GET /vpc/v2/regions/{region}/routes-with-nexthop"}  # of the newer API, which Go clients speak


def walk(sdk):
    api = sdk("vpc.v2.VpcV2API")
    vpc = api.create_vpc(name="walked", enable_routing=True, enable_transitivity=False)
    api.get_vpc(vpc_id=vpc.id)
    api.list_vp_cs()
    api.update_vpc(vpc_id=vpc.id, tags=["walked"])
    api.enable_routing(vpc_id=vpc.id)
    api.enable_custom_routes_propagation(vpc_id=vpc.id)
    api.set_acl(vpc_id=vpc.id, rules=[], is_ipv6=False, default_policy="accept")
    api.get_acl(vpc_id=vpc.id, is_ipv6=False)

    network = api.create_private_network(name="walked", vpc_id=vpc.id, default_route_propagation_enabled=False)
    api.get_private_network(private_network_id=network.id)
    api.list_private_networks(vpc_id=vpc.id)
    api.update_private_network(private_network_id=network.id, tags=["walked"])
    api.enable_dhcp(private_network_id=network.id)
    api.list_subnets(vpc_id=vpc.id)

    route = api.create_route(description="walked", vpc_id=vpc.id, destination="10.99.0.0/16")
    api.get_route(route_id=route.id)
    api.update_route(route_id=route.id, tags=["walked"])
    api.delete_route(route_id=route.id)

    api.delete_private_network(private_network_id=network.id)
    api.delete_vpc(vpc_id=vpc.id)
