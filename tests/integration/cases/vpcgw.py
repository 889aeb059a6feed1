"""Public gateways; the one that parts are added to is shared."""

from __future__ import annotations

from . import Case

NETWORK = {"stackway.scaleway.vpc_private_network": {"name": "case-gw", "subnets": ["10.42.0.0/24"]}}
NO_NETWORK = {"stackway.scaleway.vpc_private_network": {"name": "case-gw", "state": "absent"}}
HOST = {"stackway.scaleway.vpcgw_gateway": {"name": "case-gw-host", "type": "VPC-GW-S"}}
NO_HOST = {"stackway.scaleway.vpcgw_gateway": {"name": "case-gw-host", "state": "absent"}}
RULE = {"gateway_id": "case-gw-host", "public_port": 2222, "private_ip": "10.42.0.9", "private_port": 22}

CASES = [
    Case(
        "vpcgw_gateway",
        create={"name": "case-gw", "type": "VPC-GW-S", "tags": ["a"], "bastion_allowed_ips": ["192.0.2.0/24"]},
        changes={
            "enable_bastion": True,
            "bastion_port": 60022,
            "bastion_allowed_ips": ["192.0.2.7", "198.51.100.0/24"],
            "enable_smtp": True,
            "tags": ["b"],
            "type": "VPC-GW-M",
        },
        refused=[
            ({"name": "bad"}, r"type: needed to create gateway bad"),
            ({"name": "bad", "type": "VPC-GW-S", "bastion_port": 70000}, r"bastion_port: 70000 is not a port"),
            (
                {"name": "bad", "type": "VPC-GW-S", "bastion_allowed_ips": ["home"]},
                r"bastion_allowed_ips: 'home' is not",
            ),
        ],
    ),
    Case(
        "vpcgw_gateway_network",
        setup=[NETWORK, HOST],
        create={"gateway_id": "case-gw-host", "private_network_id": "case-gw"},
        changes={"push_default_route": False, "enable_masquerade": False},
        key=("gateway_id", "private_network_id"),
        cleanup=[NO_HOST, NO_NETWORK],
        refused=[
            (
                {"gateway_id": "gone", "private_network_id": "case-gw"},
                r"gateway_id: public gateway 'gone' does not exist \(create it first",
            ),
            (
                {"gateway_id": "case-gw-host", "private_network_id": "gone"},
                r"private_network_id: private network 'gone' does not exist",
            ),
        ],
    ),
    Case(
        "vpcgw_pat_rule",
        setup=[HOST],
        create=RULE,
        changes={"private_ip": "10.42.0.10", "private_port": 2200},
        key=("gateway_id", "public_port"),
        cleanup=[NO_HOST],
        refused=[
            ({"gateway_id": "case-gw-host", "public_port": 1}, r"private_ip, private_port: needed to create"),
            (RULE | {"public_port": 0}, r"public_port: 0 is not a port"),
            (RULE | {"private_ip": "db"}, r"private_ip: 'db' is not an IP address"),
        ],
    ),
]
