from . import Case

GB = 10**9

SERVER = {"name": "case", "commercial_type": "DEV1-S", "image": "debian_trixie"}

CASES = [
    Case(
        "instance_ip",
        create={"name": "case", "tags": ["a"]},
        changes={"tags": ["b", "c"], "server_id": "ip-case"},
        setup=[
            {"stackway.scaleway.instance_server": SERVER | {"name": "ip-case", "power_state": "stopped"}},
        ],
        cleanup=[
            {"stackway.scaleway.instance_server": {"name": "ip-case", "state": "absent"}},
        ],
        refused=[
            ({}, r"name: needed to tell which ip is meant"),
            ({"name": "bad", "server_id": "gone"}, r"server_id: server 'gone' does not exist"),
            ({"name": "bad", "type": "ipv4"}, r"type must be one of: routed_ipv4, routed_ipv6"),
        ],
    ),
    Case(
        "instance_ip",
        label="detached",
        create={"name": "case-attached", "server_id": "ip-case"},
        changes={"server_id": ""},
        setup=[
            {"stackway.scaleway.instance_server": SERVER | {"name": "ip-case", "power_state": "stopped"}},
        ],
        cleanup=[
            {"stackway.scaleway.instance_server": {"name": "ip-case", "state": "absent"}},
        ],
    ),
    Case(
        "instance_security_group",
        create={
            "name": "case",
            "inbound_default_policy": "drop",
            "rules": [{"dest_port_from": 22}, {"dest_port_from": 80, "ip_range": "192.0.2.1/32"}, {"protocol": "ICMP"}],
        },
        changes={
            "description": "A case",
            "stateful": False,
            "inbound_default_policy": "accept",
            "outbound_default_policy": "drop",
            "enable_default_security": False,
            "tags": ["case"],
            "rules": [
                {"action": "drop", "direction": "outbound", "protocol": "ANY", "ip_range": "198.51.100.0/24"},
                {"dest_port_from": 8000, "dest_port_to": 8080, "protocol": "UDP"},
                {"dest_port_from": 22, "dest_port_to": 22},
            ],
        },
        refused=[
            ({"name": "bad", "rules": [{"ip_range": "10.0.0.0/33"}]}, r"rules: rule 1: ip_range: '10.0.0.0/33' is not"),
            ({"name": "bad", "rules": [{"dest_port_from": 70000}]}, r"rule 1: dest_port_from: 70000 is not a port"),
            (
                {"name": "bad", "rules": [{}, {"dest_port_from": 9, "dest_port_to": 8}]},
                r"rule 2: dest_port_to: a range",
            ),
            ({"name": "bad", "rules": [{"protocol": "ICMP", "dest_port_from": 1}]}, r"rule 1: .*ICMP has no ports"),
        ],
    ),
    Case(
        "instance_security_group",
        label="no rules",
        create={"name": "case-open", "rules": [{"dest_port_from": 22}]},
        changes={"rules": []},
    ),
    Case(
        "instance_server",
        create=SERVER
        | {"tags": ["a", "b"], "cloud_init": "#cloud-config\n{}\n", "root_volume": {"size": 20 * GB}}
        | {"protected": True},
        changes={
            "protected": False,
            "tags": ["b"],
            "cloud_init": "#cloud-config\npackage_update: true\n",
            "user_data": {"role": "web", "number": "17"},
            "boot_type": "rescue",
            "dynamic_ip_required": True,
            "public_ips": ["server-case"],
            "security_group_id": "server-case",
            "private_networks": ["server-case"],
            "volumes": ["server-case"],
            "root_volume": {"size": 30 * GB},
            "commercial_type": "DEV1-M",
            "power_state": "stopped",
        },
        absent={"name": "case"},
        setup=[
            {"stackway.scaleway.instance_ip": {"name": "server-case"}},
            {"stackway.scaleway.instance_security_group": {"name": "server-case"}},
            {"stackway.scaleway.vpc_private_network": {"name": "server-case"}},
            {"stackway.scaleway.block_volume": {"name": "server-case", "size": GB}},
        ],
        cleanup=[
            {"stackway.scaleway.block_volume": {"name": "server-case", "state": "absent"}},
            {"stackway.scaleway.vpc_private_network": {"name": "server-case", "state": "absent"}},
            {"stackway.scaleway.instance_security_group": {"name": "server-case", "state": "absent"}},
            {"stackway.scaleway.instance_ip": {"name": "server-case", "state": "absent"}},
        ],
        refused=[
            ({"name": "bad"}, r"commercial_type: needed to create server bad"),
            (
                SERVER | {"name": "bad", "commercial_type": "DEV1-Z"},
                r"fr-par-1 has no DEV1-Z \(take one of DEV1-L, DEV1-M",
            ),
            (SERVER | {"name": "bad", "zone": "nl-ams-3"}, r"nl-ams-3 has no DEV1-S"),
            (SERVER | {"name": "bad", "image": "minix"}, r"image: the marketplace has no 'minix'"),
            (
                SERVER | {"name": "bad", "security_group_id": "gone"},
                r"security_group_id: security group 'gone' does not",
            ),
            (SERVER | {"name": "bad", "public_ips": ["gone"]}, r"public_ips: flexible IP 'gone' does not exist"),
            (SERVER | {"name": "bad", "user_data": {"cloud-init": "x"}}, r"user_data: give cloud-init's as cloud_init"),
            (
                SERVER | {"name": "bad", "commercial_type": "PLAY2-PICO", "root_volume": {"volume_type": "l_ssd"}},
                r"image: 'debian_trixie' with a root volume of type l_ssd is not made for PLAY2-PICO",
            ),
        ],
    ),
    Case(
        "instance_server",
        label="emptied",
        create=SERVER
        | {
            "name": "case-full",
            "public_ips": ["full-case"],
            "private_networks": ["full-case"],
            "volumes": ["full-case"],
        }
        | {"user_data": {"role": "web"}, "power_state": "stopped"},
        changes={
            "public_ips": [],
            "private_networks": [],
            "volumes": [],
            "user_data": {"role": ""},
            "tags": ["late"],
            "power_state": "stopped_in_place",
        },
        setup=[
            {"stackway.scaleway.instance_ip": {"name": "full-case"}},
            {"stackway.scaleway.vpc_private_network": {"name": "full-case"}},
            {"stackway.scaleway.block_volume": {"name": "full-case", "size": GB}},
        ],
        cleanup=[
            {"stackway.scaleway.block_volume": {"name": "full-case", "state": "absent"}},
            {"stackway.scaleway.vpc_private_network": {"name": "full-case", "state": "absent"}},
            {"stackway.scaleway.instance_ip": {"name": "full-case", "state": "absent"}},
        ],
    ),
    Case(
        "instance_server",
        label="local",
        create=SERVER | {"name": "case-local", "root_volume": {"volume_type": "l_ssd", "size": 20 * GB}},
        changes={"tags": ["local"]},
    ),
]
