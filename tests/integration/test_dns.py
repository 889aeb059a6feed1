"""Zones and records as their users see them: resolved over UDP and TCP, from this host and with a certificate to show for it."""

from __future__ import annotations

import http.client
import ipaddress
import ssl
import time

import dns.message
import dns.query
import dns.rcode
import pytest
import requests

from sandbox.machines.engine import Engine
from sandbox.settings import Settings

ZONE = "resolve.example.com"
DECLARED = {"domain": "example.com", "subdomain": "resolve"}


def gateway(sandbox) -> str:
    return str(ipaddress.ip_network(sandbox.settings["SANDBOX_SUBNET"])[1])


@pytest.fixture
def ask(sandbox):
    """What a name resolves to, the same over UDP and TCP."""

    def ask(name, rdtype):
        query = dns.message.make_query(name, rdtype)
        over_udp, over_tcp = (send(query, gateway(sandbox), timeout=5) for send in (dns.query.udp, dns.query.tcp))
        assert over_udp.answer == over_tcp.answer
        found = sorted(item.to_text() for rrset in over_udp.answer for item in rrset)
        return found or dns.rcode.to_text(over_udp.rcode())

    return ask


@pytest.fixture(scope="module")
def zone(sandbox):
    assert not sandbox.task("domain_zone", DECLARED).get("failed")
    yield ZONE
    sandbox.task("domain_zone", DECLARED | {"state": "absent"})


def calls(sandbox) -> int:
    return requests.get(f"{sandbox.profile['api_url']}/_sandbox/requests?n=1", timeout=10).json()["total_count"]


def test_records_resolve_as_they_are_declared(sandbox, zone, ask):
    records = [
        {"name": "www", "type": "A", "data": ["192.0.2.1", "192.0.2.2"]},
        {"name": "shop", "type": "CNAME", "data": [f"www.{ZONE}"]},
        {"name": "*.apps", "type": "A", "data": ["192.0.2.3"]},
        {"type": "ALIAS", "data": [f"www.{ZONE}"]},
        {"type": "MX", "data": ["10 mail.example.org"]},
        {"name": "long", "type": "TXT", "data": ["x" * 300]},
        {"name": "_sip._tcp", "type": "SRV", "data": ["0 5 443 host.example.org"]},
    ]
    assert not sandbox.task("domain_records", {"dns_zone": zone, "records": records}).get("failed")
    assert ask(f"www.{ZONE}", "A") == ["192.0.2.1", "192.0.2.2"]
    assert ask(f"shop.{ZONE}", "A") == ["192.0.2.1", "192.0.2.2", f"www.{ZONE}."]
    assert ask(f"any.apps.{ZONE}", "A") == ["192.0.2.3"]
    assert ask(ZONE, "A") == ["192.0.2.1", "192.0.2.2"]
    assert ask(ZONE, "MX") == ["10 mail.example.org."]
    assert ask(ZONE, "NS") == ["ns0.dom.scw.cloud.", "ns1.dom.scw.cloud."]
    assert ask(f"long.{ZONE}", "TXT") == [f'"{"x" * 255}" "{"x" * 45}"']
    assert ask(f"_sip._tcp.{ZONE}", "SRV") == ["0 5 443 host.example.org."]
    assert ask(f"www.{ZONE}", "AAAA") == "NOERROR"
    assert ask(f"nothing.{ZONE}", "A") == "NXDOMAIN"


def test_what_others_wrote_stays(sandbox, zone, ask):
    first = {"dns_zone": zone, "name": "texts", "type": "TXT", "data": ["one"], "exclusive": False}
    second = first | {"data": ["two"]}
    assert [sandbox.task("domain_record", options)["changed"] for options in (first, second, first)] == [
        True,
        True,
        False,
    ]
    assert ask(f"texts.{ZONE}", "TXT") == ['"one"', '"two"']
    sandbox.task("domain_record", second | {"state": "absent"})
    assert ask(f"texts.{ZONE}", "TXT") == ['"one"']
    sandbox.task("domain_record", {"dns_zone": zone, "name": "texts", "type": "TXT", "state": "absent"})


def test_the_name_servers_of_a_zone_stay_unless_declared(sandbox, zone, ask):
    sandbox.task("domain_records", {"dns_zone": zone, "records": []})
    assert ask(ZONE, "NS") == ["ns0.dom.scw.cloud.", "ns1.dom.scw.cloud."]
    declared = [{"type": "NS", "data": ["ns0.dom.scw.cloud", "ns.example.org"]}]
    assert sandbox.task("domain_records", {"dns_zone": zone, "records": declared})["changed"]
    assert ask(ZONE, "NS") == ["ns.example.org.", "ns0.dom.scw.cloud."]
    restored = [{"type": "NS", "data": ["ns0.dom.scw.cloud", "ns1.dom.scw.cloud"]}]
    sandbox.task("domain_records", {"dns_zone": zone, "records": restored})


def test_a_thousand_records_take_a_handful_of_calls(sandbox, zone):
    records = [
        {"name": f"host{number}", "type": "A", "data": [f"192.0.2.{number % 250 + 1}"]} for number in range(1000)
    ]
    before = calls(sandbox)
    assert sandbox.task("domain_records", {"dns_zone": zone, "records": records})["changed"]
    written = calls(sandbox)
    assert not sandbox.task("domain_records", {"dns_zone": zone, "records": records})["changed"]
    assert written - before < 20
    assert calls(sandbox) - written < 15
    sandbox.task("domain_records", {"dns_zone": zone, "state": "absent"})


def test_check_mode_sends_no_write(sandbox, ask):
    unmade = {"domain": "example.com", "subdomain": "predicted"}
    tasks = [
        {"name": "zone", "stackway.scaleway.domain_zone": unmade, "register": "zone"},
        {
            "name": "record",
            "stackway.scaleway.domain_record": {
                "dns_zone": "{{ zone.dns_zone.name }}",
                "type": "A",
                "data": ["(known after apply)", "(known after apply)"],  # the addresses of two servers to be
            },
        },
    ]
    results = sandbox.play(tasks, "--check")
    assert [results[name]["changed"] for name in ("zone", "record")] == [True, True]
    assert ask("predicted.example.com", "A") == "NXDOMAIN"


def test_info_lists_zones(sandbox, zone):
    found = sandbox.task("domain_zone_info", {})["dns_zones"]
    assert ZONE in [item["name"] for item in found]
    [one] = sandbox.task("domain_zone_info", DECLARED, extra={"stackway_ordinary_modules": True})["dns_zones"]
    assert (one["name"], one["status"]) == (ZONE, "active")


def test_the_role_converges_and_cleans_up(sandbox, ask):
    zones = [
        {
            "domain": "example.com",
            "subdomain": "role",
            "records": [
                {"type": "A", "data": ["192.0.2.1"], "ttl": 300},
                {"name": "www", "type": "CNAME", "data": ["role.example.com"], "comment": "by the role"},
            ],
        },
        {
            "domain": "example.com",
            "subdomain": "complete",
            "complete": True,
            "records": [{"name": "*", "type": "A", "data": ["192.0.2.2"]}],
        },
    ]

    def apply(*options, **variables):
        role = {"name": "role", "ansible.builtin.import_role": {"name": "stackway.scaleway.dns"}}
        results = sandbox.play([role | {"vars": {"dns_zones": zones} | variables}], *options)
        assert not [result["msg"] for result in results.values() if result.get("failed")]
        return [name.rpartition(" : ")[2] for name, result in results.items() if result.get("changed")]

    made = ["Create the zones", "Write the records", "Write the records of complete zones"]
    assert apply("--check") == made
    assert apply() == made
    assert apply() == []
    assert ask("www.role.example.com", "A") == ["192.0.2.1", "role.example.com."]
    assert ask("anything.complete.example.com", "A") == ["192.0.2.2"]
    assert apply(dns_state="absent") == ["Remove the records", "Delete the zones"]
    assert apply(dns_state="absent") == []
    assert ask("www.role.example.com", "A") == "NXDOMAIN"


def test_scaleways_own_names_lead_to_the_sandbox(sandbox, ask):
    assert ask("smtp.tem.scaleway.com", "A") == [gateway(sandbox)]


def test_a_certificate_is_issued_for_a_name_in_a_zone(sandbox, zone):
    """A second Caddy, as a server would have it, gets its certificate over HTTP-01."""
    known = sandbox.settings
    engine = Engine(Settings(known["SANDBOX_NAME"], sandbox.home, int(known["SANDBOX_PORT"]), known["SANDBOX_SUBNET"]))
    deadline = time.monotonic() + 180  # the first sandbox of a machine makes the image
    while (authority := requests.get(f"{sandbox.profile['api_url']}/_sandbox/acme", timeout=10).json())[
        "status"
    ] == "starting":
        assert time.monotonic() < deadline
        time.sleep(1)
    assert authority["status"] == "ready", authority

    caddyfile = f"""
    {{
        admin off
        acme_ca {authority["directory"]}
        acme_ca_root /ca.pem
    }}
    tls.{ZONE} {{
        respond "hello"
    }}
    """
    mounts = {str(sandbox.home / "ca.pem"): {"bind": "/ca.pem", "mode": "ro"}}
    server = engine.run("acme-client", "acme", dns=[gateway(sandbox)], volumes=mounts, command=["sleep", "300"])
    record = {"dns_zone": zone, "name": "tls", "type": "A", "data": [engine.address(server)], "ttl": 60}
    try:
        assert sandbox.task("domain_record", record)["changed"]
        script = f"cat >/Caddyfile <<'END'\n{caddyfile}\nEND\ncaddy start --config /Caddyfile --adapter caddyfile"
        server.exec_run(["sh", "-c", script], detach=True)
        assert served(engine.address(server), f"tls.{ZONE}", sandbox.home / "ca.pem") == "hello"
    finally:
        engine.remove("acme-client")
        sandbox.task("domain_record", record | {"state": "absent"})


def served(address, name, root, seconds=60) -> str:
    """What https://name/ at an address answers, once its certificate can be trusted."""

    class Connection(http.client.HTTPSConnection):
        def connect(self):
            self.sock = self._create_connection((address, self.port), self.timeout)
            self.sock = self._context.wrap_socket(self.sock, server_hostname=name)

    deadline = time.monotonic() + seconds
    while True:
        connection = Connection(name, timeout=5, context=ssl.create_default_context(cafile=root))
        try:
            connection.request("GET", "/")
            return connection.getresponse().read().decode()
        except (OSError, ssl.SSLError) as error:
            if time.monotonic() > deadline:
                return str(error)
            time.sleep(1)
        finally:
            connection.close()
