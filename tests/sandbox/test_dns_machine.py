"""The DNS server alone: what it answers over UDP and TCP, for the zones published to it."""

import socket
from types import SimpleNamespace

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import pytest

from sandbox.machines.dns import Dns, Record, rdata

TXT = "v=DKIM1; p=" + "A" * 400

RECORDS = [
    Record("", "NS", "ns0.dom.scw.cloud.", 1800),
    Record("", "A", "192.0.2.1"),
    Record("", "MX", "10 mail.example.net."),
    Record("www", "CNAME", "web.example.net."),
    Record("web", "A", "192.0.2.2"),
    Record("web", "A", "192.0.2.3"),
    Record("web", "AAAA", "2001:db8::2"),
    Record("relative", "CNAME", "web"),
    Record("deep.empty", "A", "192.0.2.4"),
    Record("*.wild", "A", "192.0.2.5"),
    Record("known.wild", "TXT", '"here"'),
    Record("alias", "ALIAS", "web.example.net."),
    Record("loop1", "CNAME", "loop2"),
    Record("loop2", "CNAME", "loop1"),
    Record("key._domainkey", "TXT", f'"{TXT}"'),
    Record("child", "NS", "ns.child.example.net."),
    Record("ns.child", "A", "192.0.2.53"),
    Record("old", "DNAME", "wild.example.net."),
    Record("view", "A", "192.0.2.6", views=(("127.0.0.0/8", "192.0.2.7"),)),
    Record("weighted", "A", "192.0.2.8", weights=(("192.0.2.9", 1), ("192.0.2.10", 0))),
    *[Record("many", "A", f"198.51.100.{n}") for n in range(100)],
]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def server():
    port = free_port()
    server = Dns(SimpleNamespace(gateway="127.0.0.1", port=0))
    server.endpoints = [("127.0.0.1", port)]
    server.publish("example.net", RECORDS, serial=7)
    server.start()
    yield server
    server.stop_all()


@pytest.fixture(params=[dns.query.udp, dns.query.tcp], ids=["udp", "tcp"])
def ask(request, server):
    def ask(name, rdtype, **options):
        query = dns.message.make_query(name, rdtype, **options)
        return request.param(query, "127.0.0.1", port=server.endpoints[0][1], timeout=5)

    return ask


def data(response):
    return sorted(item.to_text() for rrset in response.answer for item in rrset)


@pytest.mark.parametrize(
    ("name", "rdtype", "expected"),
    [
        ("example.net", "A", ["192.0.2.1"]),
        ("EXAMPLE.net", "A", ["192.0.2.1"]),
        ("example.net", "MX", ["10 mail.example.net."]),
        ("example.net", "SOA", ["ns0.dom.scw.cloud. hostmaster.example.net. 7 14400 3600 604800 10"]),
        ("web.example.net", "A", ["192.0.2.2", "192.0.2.3"]),
        ("www.example.net", "A", ["192.0.2.2", "192.0.2.3", "web.example.net."]),
        ("www.example.net", "CNAME", ["web.example.net."]),
        ("relative.example.net", "AAAA", ["2001:db8::2", "web.example.net."]),
        ("any.wild.example.net", "A", ["192.0.2.5"]),
        ("a.b.wild.example.net", "A", ["192.0.2.5"]),
        ("alias.example.net", "A", ["192.0.2.2", "192.0.2.3"]),
        ("alias.example.net", "AAAA", ["2001:db8::2"]),
        ("key._domainkey.example.net", "TXT", [f'"{TXT[:255]}" "{TXT[255:]}"']),
        ("x.old.example.net", "A", ["192.0.2.5", "wild.example.net.", "x.wild.example.net."]),
        ("view.example.net", "A", ["192.0.2.7"]),
        ("weighted.example.net", "A", ["192.0.2.9"]),
    ],
)
def test_answers(ask, name, rdtype, expected):
    response = ask(name, rdtype)
    assert response.rcode() == dns.rcode.NOERROR
    assert response.flags & dns.flags.AA
    assert data(response) == expected


@pytest.mark.parametrize(
    ("name", "rdtype", "rcode"),
    [
        ("nothing.example.net", "A", dns.rcode.NXDOMAIN),
        ("web.example.net", "MX", dns.rcode.NOERROR),
        ("empty.example.net", "A", dns.rcode.NOERROR),  # it exists, because a name below it does
        ("known.wild.example.net", "A", dns.rcode.NOERROR),  # no wildcard where the name exists
        ("alias.example.net", "MX", dns.rcode.NOERROR),
    ],
)
def test_negative_answers_carry_the_soa(ask, name, rdtype, rcode):
    response = ask(name, rdtype)
    assert (response.rcode(), data(response)) == (rcode, [])
    assert [rrset.name.to_text() for rrset in response.authority] == ["example.net."]


def test_a_delegation_is_referred(ask):
    response = ask("host.child.example.net", "A")
    assert not response.flags & dns.flags.AA
    assert response.authority[0].to_text() == "child.example.net. 3600 IN NS ns.child.example.net."
    assert response.additional[0].to_text() == "ns.child.example.net. 3600 IN A 192.0.2.53"


def test_a_loop_of_aliases_ends(ask):
    assert ask("loop1.example.net", "A").rcode() == dns.rcode.NOERROR


def test_a_long_answer_is_cut_on_udp_and_whole_on_tcp(server):
    port = server.endpoints[0][1]
    query = dns.message.make_query("many.example.net", "A")
    short = dns.query.udp(query, "127.0.0.1", port=port, timeout=5)
    assert short.flags & dns.flags.TC
    assert len(data(dns.query.tcp(query, "127.0.0.1", port=port, timeout=5))) == 100


def test_what_is_published_is_served_at_once(server):
    server.publish("live.test", [Record("", "A", "192.0.2.1")])
    assert server.resolve("live.test", "A") == ["192.0.2.1"]
    server.publish("live.test", [Record("", "A", "192.0.2.2")])
    assert server.resolve("live.test", "A") == ["192.0.2.2"]
    server.withdraw("live.test")
    assert server.zones.keys() == {dns.name.from_text("example.net")}


def test_a_closer_zone_answers(server):
    server.publish("web.example.net", [Record("", "A", "192.0.2.99")])
    try:
        assert server.resolve("www.example.net", "A") == ["192.0.2.99"]
    finally:
        server.withdraw("web.example.net")


def test_a_taken_port_is_named(server):
    second = Dns(SimpleNamespace(gateway="127.0.0.1", port=0))
    second.endpoints = server.endpoints
    with pytest.raises(OSError, match=r"cannot listen on 127\.0\.0\.1:\d+: Address already in use"):
        second.start()


@pytest.mark.parametrize(
    ("rdtype", "text"),
    [
        ("A", "192.0.2.256"),
        ("A", ""),
        ("AAAA", "192.0.2.1"),
        ("MX", "mail"),
        ("TXT", ""),
        ("SRV", "1 2 3"),
        ("NONE", "x"),
    ],
)
def test_malformed_data_is_refused(rdtype, text):
    with pytest.raises((dns.exception.DNSException, ValueError)):
        rdata(rdtype, text, dns.name.from_text("example.net"))
