"""Public gateways."""

import time

from scaleway.vpcgw.v2.types import SetPatRulesRequestRule


def walk(sdk):
    api, vpc, ipam = sdk("vpcgw.v2.VpcgwV2API"), sdk("vpc.v2.VpcV2API"), sdk("ipam.v1.IpamV1API")
    network = vpc.create_private_network(name="walked", default_route_propagation_enabled=False)

    ip = api.create_ip(tags=["walked"])
    api.get_ip(ip_id=ip.id)
    api.list_i_ps(is_free=True)
    api.update_ip(ip_id=ip.id, tags=["again"])
    api.delete_ip(ip_id=api.create_ip().id)

    api.list_gateway_types()
    gateway = api.create_gateway(type_="VPC-GW-S", enable_smtp=False, enable_bastion=True, name="walked", ip_id=ip.id)
    place = {"gateway_id": gateway.id}

    def running():
        sdk.until(lambda: api.get_gateway(**place), "running")

    running()
    api.list_gateways(name="walk")
    api.update_gateway(**place, bastion_port=60022)
    running()
    api.upgrade_gateway(**place, type_="VPC-GW-M")
    running()
    api.refresh_ssh_keys(**place)
    running()
    api.set_bastion_allowed_i_ps(**place, ip_ranges=["192.0.2.0/24"])
    running()
    api.add_bastion_allowed_i_ps(**place, ip_range="198.51.100.7")
    running()
    api.delete_bastion_allowed_i_ps(**place, ip_range="198.51.100.7")
    running()

    joined = api.create_gateway_network(
        **place, private_network_id=network.id, enable_masquerade=True, push_default_route=True
    )
    sdk.until(lambda: api.get_gateway_network(gateway_network_id=joined.id), "ready")
    running()
    api.list_gateway_networks(gateway_ids=[gateway.id])
    ipam.list_i_ps(resource_id=joined.id)
    api.update_gateway_network(gateway_network_id=joined.id, push_default_route=False)
    running()

    rule = api.create_pat_rule(**place, public_port=42, private_ip="172.16.0.9", private_port=5432, protocol="tcp")
    running()
    api.get_pat_rule(pat_rule_id=rule.id)
    api.list_pat_rules(gateway_ids=[gateway.id])
    api.update_pat_rule(pat_rule_id=rule.id, private_port=5433)
    running()
    kept = SetPatRulesRequestRule(public_port=42, private_ip="172.16.0.9", private_port=22, protocol="both")
    api.set_pat_rules(**place, pat_rules=[kept])
    running()
    api.delete_pat_rule(pat_rule_id=rule.id)
    running()

    api.delete_gateway_network(gateway_network_id=joined.id)
    running()
    api.delete_gateway(**place, delete_ip=False)
    while api.list_gateways().total_count:
        time.sleep(0.05)
