from . import Case

VPC = {"name": "network-case"}

CASES = [
    Case("vpc", create={"name": "case", "tags": ["a"]}, changes={"tags": ["b", "c"]}),
    Case(
        "vpc_private_network",
        setup=[{"stackway.scaleway.vpc": VPC, "register": "vpc"}],
        create={"name": "case", "vpc_id": "network-case", "subnets": ["10.40.0.0/22"], "tags": ["a"]},
        changes={"tags": [], "default_route_propagation_enabled": True},
        key=("name", "vpc_id"),
        cleanup=[{"stackway.scaleway.vpc": VPC | {"state": "absent"}}],
        refused=[
            ({"name": "bad", "subnets": ["10.40.0.0/33"]}, r"subnets: '10.40.0.0/33' is not a network such as"),
            ({"name": "bad", "subnets": ["10.40.0.1/24"]}, r"subnets: .*host bits"),
            ({"name": "bad", "vpc_id": "nowhere"}, r"vpc_id: VPC 'nowhere' does not exist \(create it first"),
            ({"tags": []}, r"name: needed to tell which private network is meant"),
        ],
    ),
    Case(
        "vpc_private_network",
        label="IPv6",
        create={"name": "case-ipv6", "subnets": ["FD00:AAAA:0::/64"]},
        changes={"tags": ["a"]},
    ),
    Case("vpc_private_network", label="default", create={"name": "case-default"}, changes={"tags": ["a"]}),
]
