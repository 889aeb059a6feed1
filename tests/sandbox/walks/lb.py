"""Load balancers."""

import time

from scaleway.lb.v1.types import (
    AclAction,
    AclMatch,
    AclSpec,
    CreateCertificateRequestLetsencryptConfig,
    HealthCheck,
    HealthCheckHttpConfig,
    HealthCheckTcpConfig,
    RouteMatch,
)

PROTOCOL = {"forward_protocol": "http", "forward_port": 80, "forward_port_algorithm": "roundrobin"}
STICKY = {"sticky_sessions": "none", "sticky_sessions_cookie_name": ""}


def walk(sdk):
    api = sdk("lb.v1.LbV1ZonedAPI")
    network = sdk("vpc.v2.VpcV2API").create_private_network(name="walked", default_route_propagation_enabled=False)
    api.list_lb_types()

    ip = api.create_ip(is_ipv6=False, tags=["walked"])
    api.get_ip(ip_id=ip.id)
    api.list_i_ps(ip_type="ipv4")
    api.update_ip(ip_id=ip.id, reverse="walked.example.com")
    api.release_ip(ip_id=api.create_ip(is_ipv6=True).id)

    lb = api.create_lb(description="", type_="LB-S", name="walked", ip_ids=[ip.id])
    place = {"lb_id": lb.id}

    def ready():
        sdk.until(lambda: api.get_lb(**place), "ready")

    ready()
    api.list_lbs(name="walk")
    api.update_lb(**place, name="walked", description="again", tags=["walked"])
    api.migrate_lb(**place, type_="LB-GP-M")
    ready()
    api.attach_private_network(**place, private_network_id=network.id)
    api.list_lb_private_networks(**place)

    check = HealthCheck(port=80, check_max_retries=2, check_send_proxy=False, tcp_config=HealthCheckTcpConfig())
    backend = api.create_backend(
        **place, **PROTOCOL, **STICKY, name="walked", health_check=check, server_ip=["192.0.2.7"]
    )
    of_backend = {"backend_id": backend.id}
    api.get_backend(**of_backend)
    api.list_backends(**place)
    api.update_backend(**of_backend, **PROTOCOL, **STICKY, name="again")
    config = HealthCheckHttpConfig(uri="/health", method="GET", host_header="", code=200)
    api.update_health_check(**of_backend, port=80, check_max_retries=2, check_send_proxy=False, http_config=config)
    api.add_backend_servers(**of_backend, server_ip=["192.0.2.8"])
    api.remove_backend_servers(**of_backend, server_ip=["192.0.2.8"])
    api.set_backend_servers(**of_backend, server_ip=["192.0.2.9"])
    api.get_lb_stats(**place)
    api.list_backend_stats(**place)

    certificate = api.create_certificate(
        **place,
        name="walked",
        letsencrypt=CreateCertificateRequestLetsencryptConfig(
            common_name=lb.ip[0].ip_address.replace(".", "-") + ".lb.fr-par.scw.cloud", subject_alternative_name=[]
        ),
    )
    sdk.until(lambda: api.get_certificate(certificate_id=certificate.id), "ready")
    api.list_certificates(**place)
    api.update_certificate(certificate_id=certificate.id, name="again")

    frontend = api.create_frontend(
        **place,
        **of_backend,
        inbound_port=443,
        enable_http3=False,
        enable_access_logs=False,
        certificate_ids=[certificate.id],
    )
    of_frontend = {"frontend_id": frontend.id}
    api.get_frontend(**of_frontend)
    api.list_frontends(**place)
    api.update_frontend(**of_frontend, **of_backend, name="again", inbound_port=80, enable_http3=False)

    match = AclMatch(
        ip_subnet=["192.0.2.0/24"], ips_edge_services=False, http_filter="acl_http_filter_none", http_filter_value=[],
        invert=False,
    )  # fmt: skip
    action = AclAction(type_="deny")
    acl = api.create_acl(**of_frontend, action=action, index=1, description="", name="walked", match=match)
    api.get_acl(acl_id=acl.id)
    api.list_acls(**of_frontend)
    api.update_acl(acl_id=acl.id, name="again", action=action, index=2, match=match)
    api.delete_acl(acl_id=acl.id)
    api.set_acls(**of_frontend, acls=[AclSpec(name="set", action=action, index=1, description="", match=match)])

    route = api.create_route(**of_frontend, **of_backend, match=RouteMatch(path_begin="/api", match_subdomains=False))
    api.get_route(route_id=route.id)
    api.list_routes(**of_frontend)
    api.update_route(route_id=route.id, **of_backend, match=RouteMatch(path_begin="/v2", match_subdomains=False))
    api.delete_route(route_id=route.id)

    api.delete_frontend(**of_frontend)
    api.delete_backend(**of_backend)
    api.delete_certificate(certificate_id=certificate.id)
    api.detach_private_network(**place, private_network_id=network.id)
    ready()
    api.delete_lb(**place, release_ip=True)
    while api.list_lbs().total_count:
        time.sleep(0.05)
