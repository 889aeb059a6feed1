"""Load balancers; the one that parts are added to is shared."""

from __future__ import annotations

from . import Case

HOST = {"stackway.scaleway.lb": {"name": "case-lb", "type": "LB-S"}}
NO_HOST = {"stackway.scaleway.lb": {"name": "case-lb", "state": "absent", "release_ip": True}}
BACKEND = {"lb_id": "case-lb", "name": "case", "forward_protocol": "http", "forward_port": 8080}
HAVE_BACKEND = {"stackway.scaleway.lb_backend": BACKEND}
OTHER_BACKEND = {"stackway.scaleway.lb_backend": BACKEND | {"name": "other"}}
FRONTEND = {"lb_id": "case-lb", "name": "case", "inbound_port": 80, "backend_id": "case"}
HAVE_FRONTEND = {"stackway.scaleway.lb_frontend": FRONTEND}
ON_FRONTEND = {"lb_id": "case-lb", "frontend_id": "case"}
REDIRECT = {"type": "redirect", "redirect": {"type": "scheme", "target": "https", "code": 301}}

CASES = [
    Case("lb_ip", create={"name": "case-lb", "tags": ["a"]}, changes={"tags": [], "reverse": "lb.example.com"}),
    Case(
        "lb",
        setup=[{"stackway.scaleway.lb_ip": {"name": "case-lb-own"}}],
        create={"name": "case-lb-own", "type": "LB-S", "ip_ids": ["case-lb-own"]},
        changes={
            "description": "A case",
            "tags": ["a"],
            "ssl_compatibility_level": "ssl_compatibility_level_modern",
            "type": "LB-GP-M",
        },
        cleanup=[{"stackway.scaleway.lb_ip": {"name": "case-lb-own", "state": "absent"}}],
        refused=[
            ({"name": "bad"}, r"type: needed to create lb bad"),
            (
                {"name": "bad", "type": "LB-S", "ip_ids": ["gone"]},
                r"ip_ids: address of load balancers 'gone' does not exist",
            ),
        ],
    ),
    Case(
        "lb_backend",
        setup=[HOST],
        create=BACKEND | {"server_ip": ["192.0.2.5"], "health_check": {"http_config": {"uri": "/health"}}},
        changes={
            "server_ip": ["192.0.2.6", "192.0.2.5"],
            "forward_port_algorithm": "leastconn",
            "sticky_sessions_cookie_name": "seat",
            "sticky_sessions": "cookie",
            "health_check": {"check_delay": 5000, "transient_check_delay": "0.5s", "tcp_config": {}},
            "max_retries": 3,
            "redispatch_attempt_count": 1,
            "timeout_server": 10000,
            "timeout_queue": "4s",
            "ignore_ssl_server_verify": True,
            "ssl_bridging": True,
            "on_marked_down_action": "shutdown_sessions",
        },
        key=("lb_id", "name"),
        cleanup=[NO_HOST],
        refused=[
            (BACKEND | {"lb_id": "gone"}, r"lb_id: load balancer 'gone' does not exist"),
            ({"lb_id": "case-lb", "name": "bad"}, r"forward_protocol, forward_port: needed to create backend"),
            (BACKEND | {"name": "bad", "server_ip": ["web"]}, r"server_ip: 'web' is not an IP address"),
            (BACKEND | {"name": "bad", "forward_port": 0}, r"forward_port: 0 is not a port"),
        ],
    ),
    Case(
        "lb_frontend",
        setup=[HOST, HAVE_BACKEND, OTHER_BACKEND],
        create=FRONTEND | {"timeout_client": 30000},
        changes={"inbound_port": 8080, "backend_id": "other", "timeout_client": 40000, "connection_rate_limit": 100},
        key=("lb_id", "name"),
        cleanup=[NO_HOST],
        refused=[
            (FRONTEND | {"name": "bad", "backend_id": "gone"}, r"backend_id: backend 'gone' does not exist"),
            (FRONTEND | {"name": "bad", "certificate_ids": ["gone"]}, r"certificate_ids: certificate 'gone' does not"),
            ({"lb_id": "case-lb", "name": "bad"}, r"inbound_port, backend_id: needed to create frontend"),
        ],
    ),
    Case(
        "lb_route",
        setup=[HOST, HAVE_BACKEND, OTHER_BACKEND, HAVE_FRONTEND],
        create=ON_FRONTEND | {"match": {"path_begin": "/api"}, "backend_id": "case"},
        changes={"backend_id": "other"},
        key=("lb_id", "frontend_id", "match"),
        cleanup=[NO_HOST],
        refused=[(ON_FRONTEND | {"match": {"path_begin": "/x"}}, r"backend_id: needed to create route")],
    ),
    Case(
        "lb_acl",
        setup=[HOST, HAVE_BACKEND, HAVE_FRONTEND],
        create=ON_FRONTEND
        | {"name": "case", "index": 1, "action": {"type": "allow"}, "match": {"ip_subnet": ["192.0.2.1/32"]}},
        changes={
            "index": 2,
            "description": "A case",
            "match": {"http_filter": "path_begin", "http_filter_value": ["/admin"], "invert": True},
            "action": REDIRECT,
        },
        key=("lb_id", "frontend_id", "name"),
        cleanup=[NO_HOST],
        refused=[
            (ON_FRONTEND | {"name": "bad"}, r"action, index: needed to create acl"),
            (
                ON_FRONTEND | {"name": "bad", "index": 1, "action": {"type": "deny"}, "match": {"ip_subnet": ["home"]}},
                r"match: 'home' is not a network",
            ),
        ],
    ),
    Case(
        "lb_certificate",
        setup=[
            HOST,
            {"stackway.scaleway.lb_info": {"name": "case-lb"}, "register": "host"},
        ],
        create={
            "lb_id": "case-lb",
            "name": "case",
            "letsencrypt": {"common_name": "{{ host.lbs[0].ip[0].reverse }}"},
        },
        key=("lb_id", "name"),
        cleanup=[NO_HOST],
        refused=[
            ({"lb_id": "case-lb", "name": "bad"}, r"letsencrypt, certificate_chain: exactly one of them"),
            (
                {"lb_id": "case-lb", "name": "bad", "certificate_chain": "x"},
                r"certificate_chain: must be a private key",
            ),
            (
                {"lb_id": "case-lb", "name": "bad", "letsencrypt": {"common_name": "no name"}},
                r"letsencrypt: 'no name' is not a domain name",
            ),
        ],
    ),
    Case(
        "lb_private_network",
        setup=[HOST, {"stackway.scaleway.vpc_private_network": {"name": "case-lb", "subnets": ["10.43.0.0/24"]}}],
        create={"lb_id": "case-lb", "private_network_id": "case-lb"},
        key=("lb_id", "private_network_id"),
        cleanup=[NO_HOST, {"stackway.scaleway.vpc_private_network": {"name": "case-lb", "state": "absent"}}],
        refused=[
            (
                {"lb_id": "case-lb", "private_network_id": "gone"},
                r"private_network_id: private network 'gone' does not",
            ),
        ],
    ),
]
