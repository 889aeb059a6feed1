"""Load balancers, through the SDK: states, echoes and refusals; and what HAProxy is told."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from scaleway.lb.v1 import LbV1ZonedAPI
from scaleway.lb.v1.types import (
    AclAction,
    AclMatch,
    CreateCertificateRequestCustomCertificate,
    CreateCertificateRequestLetsencryptConfig,
    HealthCheck,
    HealthCheckHttpConfig,
    RouteMatch,
)
from scaleway_core.api import ScalewayException

from sandbox.machines.authority import Authority
from sandbox.machines.balancer_configuration import Balancer, configuration, quote
from sandbox.services.lb.lbs import Lbs
from sandbox.services.lb.parts import duration, is_ending

HTTP = {
    **{"forward_protocol": "http", "forward_port": 8080, "forward_port_algorithm": "roundrobin"},
    **{"sticky_sessions": "none", "sticky_sessions_cookie_name": ""},
}


@pytest.fixture(scope="module")
def api(client):
    return LbV1ZonedAPI(client)


def settled(api, lb):
    deadline = time.monotonic() + 10
    while True:
        found = api.get_lb(lb_id=lb.id)
        if found.status == "ready" and all(instance.status == "ready" for instance in found.instances):
            return found
        assert time.monotonic() < deadline, found.status
        time.sleep(0.05)


@pytest.fixture(scope="module")
def lb(api):
    made = api.create_lb(description="", type_="LB-S", name="quay")
    assert made.status == "to_create" and made.type_ == "lb-s"
    return settled(api, made)


@pytest.fixture(scope="module")
def backend(api, lb):
    check = HealthCheck(
        port=8080, check_max_retries=2, check_send_proxy=False, transient_check_delay="0.500000000s",
        http_config=HealthCheckHttpConfig(uri="/health", method="GET", host_header="", code=200),
    )  # fmt: skip
    return api.create_backend(lb_id=lb.id, **HTTP, name="app", health_check=check, server_ip=["192.0.2.7"])


@pytest.fixture(scope="module")
def frontend(api, lb, backend):
    return api.create_frontend(
        lb_id=lb.id, backend_id=backend.id, inbound_port=80, enable_http3=False, enable_access_logs=False, name="http"
    )


def refusal(call, **arguments):
    with pytest.raises(ScalewayException) as caught:
        call(**arguments)
    return caught.value.response.status_code, caught.value.response.json()


def haproxy(sandbox, lb) -> str:
    return configuration(sandbox.services[Lbs].machine(lb.id))


def test_instances_are_pending_until_a_change_has_arrived(api, lb):
    changed = api.update_lb(lb_id=lb.id, name="quay", description="changed")
    assert changed.status == "ready" and [instance.status for instance in changed.instances] == ["pending"]
    assert settled(api, lb).description == "changed"


def test_an_update_is_whole(api, lb, backend):
    api.update_backend(backend_id=backend.id, name="app", **HTTP, max_retries=5, timeout_server=1000)
    changed = api.update_backend(backend_id=backend.id, name="app", **HTTP)
    assert not changed.max_retries
    assert (changed.timeout_server, changed.pool) == (300000, ["192.0.2.7"])
    assert changed.health_check.transient_check_delay == "0.500s"


@pytest.mark.parametrize(
    ("sent", "told"),
    [("0.500000000s", "0.500s"), ("4.000000000s", "4s"), ("0.000000000s", "0s"), ("0.000250000s", "0.000250s")],
)
def test_durations_are_told_in_their_shortest_form(sent, told):
    assert duration(sent, "timeout_queue") == told


def test_bare_refusals(api):
    nothing = "11111111-1111-4111-8111-111111111111"
    assert refusal(api.get_lb, lb_id=nothing) == (404, {"message": "lbs not Found"})
    assert refusal(api.get_ip, ip_id=nothing) == (404, {"message": "ips not Found"})
    assert refusal(api.get_backend, backend_id=nothing) == (404, {"message": "backend not Found"})
    assert refusal(api.get_route, route_id=nothing) == (404, {"message": "privateNetwork not Found"})


def test_what_is_in_use_stays(api, lb, backend, frontend):
    assert refusal(api.delete_backend, backend_id=backend.id)[0] == 412
    assert refusal(api.release_ip, ip_id=lb.ip[0].id)[0] == 412
    twin = {"lb_id": lb.id, "backend_id": backend.id, "inbound_port": 80}
    assert refusal(api.create_frontend, **twin, enable_http3=False, enable_access_logs=False)[0] == 400


def test_a_certificate_needs_its_key(api, lb, tmp_path):
    class Home:
        home, name = tmp_path, "test"

    authority = Authority(Home)
    one, other = authority.issue("one.example"), authority.issue("two.example")
    for chain in ("nothing", other[1].read_text() + one[0].read_text(), one[0].read_text()):
        given = CreateCertificateRequestCustomCertificate(certificate_chain=chain)
        status, body = refusal(api.create_certificate, lb_id=lb.id, name="bad", custom_certificate=given)
        assert (status, body["details"][0]["argument_name"]) == (400, "certificate_chain")


def test_nothing_is_said_in_the_clear_for_want_of_a_certificate(sandbox, api, lb, backend):
    wanted = CreateCertificateRequestLetsencryptConfig(common_name="elsewhere.example", subject_alternative_name=[])
    made = api.create_certificate(lb_id=lb.id, name="failed", letsencrypt=wanted)
    while (found := api.get_certificate(certificate_id=made.id)).status == "pending":
        time.sleep(0.05)
    assert found.status == "error" and "elsewhere.example does not resolve" in found.status_details
    tls = api.create_frontend(
        lb_id=lb.id, backend_id=backend.id, inbound_port=443, enable_http3=False, enable_access_logs=False,
        certificate_ids=[made.id],
    )  # fmt: skip
    assert "bind :443" not in haproxy(sandbox, lb)
    assert refusal(api.delete_certificate, certificate_id=made.id)[0] == 412
    api.delete_frontend(frontend_id=tls.id)
    api.delete_certificate(certificate_id=made.id)


def test_a_route_fits_its_backend(api, frontend, backend):
    match = RouteMatch(match_subdomains=False, sni="quay.example")
    assert refusal(api.create_route, frontend_id=frontend.id, backend_id=backend.id, match=match)[0] == 400


def test_what_haproxy_is_told(sandbox, api, lb, backend, frontend):
    match = AclMatch(
        ip_subnet=["192.0.2.0/24"], ips_edge_services=False, http_filter="path_begin", invert=True,
        http_filter_value=["/it's \"quoted\""],
    )  # fmt: skip
    acl = api.create_acl(
        frontend_id=frontend.id, action=AclAction(type_="deny"), index=1, description="", name="closed", match=match
    )
    route = api.create_route(
        frontend_id=frontend.id, backend_id=backend.id, match=RouteMatch(match_subdomains=True, host_header="b.example")
    )
    told = haproxy(sandbox, lb)
    assert "http-request deny unless { src '192.0.2.0/24' } { path -m beg '/it'\\''s \"quoted\"' }" in told
    assert f"use_backend {backend.id} if {{ req.hdr(host),field(1,:) -i -m str 'b.example' }} || " in told
    assert "http-check send meth GET uri '/health' ver HTTP/1.1 hdr Host localhost" in told
    assert "server s192-0-2-7 192.0.2.7:8080 check port 8080 inter 60000ms fastinter 500ms fall 2" in told
    api.delete_acl(acl_id=acl.id)
    api.delete_route(route_id=route.id)
    assert "deny" not in haproxy(sandbox, lb)


@pytest.mark.parametrize(("hours_left", "ending"), [(8, True), (16, False)])
def test_a_certificate_is_renewed_in_time(hours_left, ending):
    end = datetime.now(UTC) + timedelta(hours=hours_left)
    dates = {"not_valid_before": end - timedelta(hours=30), "not_valid_after": end}
    assert is_ending({name: date.isoformat() for name, date in dates.items()}) is ending


def test_a_challenge_is_answered_before_anything_else():
    told = configuration(Balancer("one", None).challenged())
    assert "frontend challenge" in told and "bind :80" in told
    assert "challenge" not in configuration(Balancer("one", None))


def test_a_line_ends_where_it_should():
    with pytest.raises(ValueError, match="characters"):
        quote("/health\nserver evil 192.0.2.1:80")


def test_servers_nobody_has_looked_at(api, lb, backend):
    (found,) = api.list_backend_stats(lb_id=lb.id).backend_servers_stats
    assert (found.ip, found.server_state, found.last_health_check_status) == ("192.0.2.7", "stopped", "unknown")


def test_parts_go_with_their_load_balancer(api, sandbox):
    made = settled(api, api.create_lb(description="", type_="LB-S", name="short"))
    check = HealthCheck(port=80, check_max_retries=2, check_send_proxy=False)
    part = api.create_backend(lb_id=made.id, **HTTP, name="app", health_check=check, server_ip=[])
    settled(api, made)
    api.delete_lb(lb_id=made.id, release_ip=True)
    assert api.get_lb(lb_id=made.id).status == "to_delete"
    while any(found.id == made.id for found in api.list_lbs_all()):
        time.sleep(0.05)
    assert refusal(api.get_backend, backend_id=part.id)[0] == 404
    while any(found.id == made.ip[0].id for found in api.list_i_ps_all()):
        time.sleep(0.05)


def test_a_load_balancer_that_is_about_to_go_gets_no_parts(sandbox, api):
    lb = settled(api, api.create_lb(description="", type_="LB-S", name="leaving"))
    check = HealthCheck(port=80, check_max_retries=2, check_send_proxy=False)
    name = CreateCertificateRequestLetsencryptConfig(common_name="late.example.com", subject_alternative_name=[])
    sandbox.freezer.freeze(lb.id)
    api.delete_lb(lb_id=lb.id, release_ip=True)
    for create in (
        lambda: api.create_certificate(lb_id=lb.id, name="late", letsencrypt=name),
        lambda: api.create_backend(lb_id=lb.id, **HTTP, name="late", server_ip=[], health_check=check),
    ):
        with pytest.raises(ScalewayException) as caught:
            create()
        refusal = caught.value.response.json()
        assert (caught.value.status_code, refusal["type"]) == (409, "transient_state")
        assert (refusal["resource_id"], refusal["current_state"]) == (lb.id, "to_delete")
    sandbox.freezer.thaw()
