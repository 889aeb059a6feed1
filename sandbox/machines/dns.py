"""DNS: an authoritative server for every published zone, and a forwarder for all other names.

Zones are published as records in presentation form ("10 mail.example.com."), and served from that moment on. Answers follow
RFC 1034 (aliases, delegations, negative answers) and RFC 4592 (wildcards).
"""

import ipaddress
import random
import socket
import socketserver
import struct
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.query
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TXT
import dns.resolver
import dns.rrset
import dns.tokenizer

from .ports import listen

PRIMARY = "ns0.dom.scw.cloud."
NEGATIVE_TTL = 10  # short: a test that asks too early must not be answered "no such name" for minutes
LONGEST_CHAIN = 16
UDP_SIZE = 1232  # bytes that pass every network unfragmented
UPSTREAM_TIMEOUT = 3
LOOPBACK_OFFSET = 1000  # from the port of the API: each sandbox has its own
ALIAS = "ALIAS"


@dataclass(frozen=True)
class Record:
    """One record of a zone. `name` is relative to the zone, "" for its apex; `ttl` is in seconds.

    Where `views` has a subnet of the client, its data is served instead of `data`; else, where there are `weights`, one of
    them is drawn for every answer.
    """

    name: str
    type: str
    data: str
    ttl: int = 3600
    views: tuple[tuple[str, str], ...] = ()
    weights: tuple[tuple[str, int], ...] = ()

    def data_for(self, client: str) -> str:
        """The data that a client at this address gets."""
        address = ipaddress.ip_address(client)
        for subnet, data in self.views:
            if address in ipaddress.ip_network(subnet, strict=False):
                return data
        if self.weights:
            choices, weights = zip(*self.weights, strict=True)
            return random.choices(choices, weights)[0]
        return self.data


def rdata(rdtype: str, data: str, origin: dns.name.Name) -> dns.rdata.Rdata:
    """Parse a record's data; names in it that have no final dot belong to `origin`.

    Raises dns.exception.DNSException or ValueError when it is malformed.
    """
    if rdtype == "TXT":
        return _text(data)
    known = "CNAME" if rdtype == ALIAS else rdtype
    return dns.rdata.from_text("IN", known, data, origin=origin, relativize=False)


def _text(data: str) -> dns.rdata.Rdata:
    """A TXT record of any length: a character string holds 255 bytes, so longer ones are cut (RFC 7208, 3.3)."""
    tokens = dns.tokenizer.Tokenizer(data)
    strings = []
    while not (token := tokens.get()).is_eol_or_eof():
        value = token.unescape_to_bytes().value
        strings += [value[start : start + 255] for start in range(0, len(value), 255)] or [b""]
    if not strings:
        raise dns.exception.SyntaxError("a TXT record holds at least one string")
    return dns.rdtypes.ANY.TXT.TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings)


class Zone:
    """The records of one zone; arranged for looking names up when the first question comes, since zones change in bursts."""

    def __init__(self, origin: dns.name.Name, records: Iterable[Record], serial: int):
        self.origin = origin
        self.records = list(records)
        self.serial = serial

    @cached_property
    def nodes(self) -> dict[dns.name.Name, dict[str, list[Record]]]:
        """Records by the name and type that own them."""
        nodes = defaultdict(lambda: defaultdict(list))
        for record in self.records:
            nodes[dns.name.from_text(record.name, self.origin) if record.name else self.origin][record.type].append(
                record
            )
        return dict(nodes)

    @cached_property
    def names(self) -> set[dns.name.Name]:
        """Every name that exists: a name does, too, when only names below it have records (RFC 8020)."""
        return {ancestor for name in [self.origin, *self.nodes] for ancestor in self._path(name)}

    def _path(self, name: dns.name.Name) -> Iterator[dns.name.Name]:
        """The names from the apex down to `name`."""
        for depth in range(len(self.origin), len(name) + 1):
            yield name.split(depth)[1]

    def cut(self, name: dns.name.Name, rdtype: str) -> dns.name.Name | None:
        """Where the zone ends on the way to `name`: the owner of a delegation's NS records."""
        for owner in self._path(name):
            at_parent = owner == name and rdtype == "DS"
            if owner != self.origin and not at_parent and "NS" in self.nodes.get(owner, ()):
                return owner
        return None

    def redirection(self, name: dns.name.Name) -> tuple[dns.name.Name, Record] | None:
        """The DNAME record above `name`, with its owner."""
        for owner in self._path(name):
            if owner != name and (records := self.nodes.get(owner, {}).get("DNAME")):
                return owner, records[0]
        return None

    def node(self, name: dns.name.Name) -> dict[str, list[Record]] | None:
        """The records at a name by type, a wildcard's where one covers it; None when the name does not exist."""
        if name in self.names:
            return self.nodes.get(name, {})
        encloser = name
        while encloser not in self.names:
            encloser = encloser.parent()
        return self.nodes.get(dns.name.Name([b"*", *encloser.labels]))

    def rrset(self, name: dns.name.Name, rdtype: str, records: list[Record], client: str) -> dns.rrset.RRset:
        data = [rdata(rdtype, record.data_for(client), self.origin) for record in records]
        return dns.rrset.from_rdata_list(name, min(record.ttl for record in records), data)

    def soa(self) -> dns.rrset.RRset:
        text = f"{PRIMARY} hostmaster.{self.origin} {self.serial} 14400 3600 604800 {NEGATIVE_TTL}"
        return dns.rrset.from_text(self.origin, NEGATIVE_TTL, "IN", "SOA", text)


class SimulatedDns:
    """Every published zone, answering without a socket; names outside of them do not exist."""

    def __init__(self, settings):
        self.zones: dict[dns.name.Name, Zone] = {}

    def start(self):
        """Answer questions until the sandbox ends."""

    def publish(self, zone: str, records: Iterable[Record], serial: int = 1):
        """Serve exactly these records for a zone, instead of those it had."""
        origin = dns.name.from_text(zone)
        self.zones[origin] = Zone(origin, records, serial)

    def withdraw(self, zone: str):
        self.zones.pop(dns.name.from_text(zone), None)

    def resolve(self, name: str, rdtype: str) -> list[str]:
        """The data of a name's records in presentation form, texts joined and unquoted; [] when there are none."""
        answer = self.ask(dns.message.make_query(name, rdtype))
        return [
            b"".join(item.strings).decode() if item.rdtype == dns.rdatatype.TXT else item.to_text()
            for rrset in answer.answer
            for item in rrset
            if item.rdtype == dns.rdatatype.from_text(rdtype)
        ]

    def ask(self, query: dns.message.Message) -> dns.message.Message:
        """What a client on this host is answered."""
        return self.answer(query, "127.0.0.1")

    def forward(self, query: dns.message.Message) -> dns.message.Message:
        """The answer for a name outside of the published zones."""
        response = dns.message.make_response(query, recursion_available=True)
        response.set_rcode(dns.rcode.NXDOMAIN)
        return response

    def answer(self, query: dns.message.Message, client: str) -> dns.message.Message:
        """The complete response to a query that came from `client`, an IP address."""
        if query.opcode() != dns.opcode.QUERY or len(query.question) != 1:
            response = dns.message.make_response(query)
            response.set_rcode(dns.rcode.NOTIMP)
            return response
        name, rdtype = query.question[0].name, dns.rdatatype.to_text(query.question[0].rdtype)
        zone = self._zone_of(name)
        if zone is None:
            return self.forward(query)
        response = dns.message.make_response(query, recursion_available=True)
        response.flags |= dns.flags.AA
        for _ in range(LONGEST_CHAIN):
            target = self._step(response, zone, name, rdtype, client)
            if target is None:
                break
            name, zone = target, self._zone_of(target)
            if zone is None:
                self._append_foreign(response, name, rdtype)
                break
        return response

    def _zone_of(self, name: dns.name.Name) -> Zone | None:
        """The closest published zone that a name is in."""
        while name not in self.zones and name != dns.name.root:
            name = name.parent()
        return self.zones.get(name)

    def _step(self, response, zone: Zone, name, rdtype: str, client: str) -> dns.name.Name | None:
        """Add what a zone knows of a name to the response; return the name at which to go on, if it is an alias."""
        if (cut := zone.cut(name, rdtype)) is not None:
            response.flags &= ~dns.flags.AA
            servers = zone.rrset(cut, "NS", zone.nodes[cut]["NS"], client)
            response.authority.append(servers)
            for server in servers:
                for family in ("A", "AAAA"):
                    if records := zone.nodes.get(server.target, {}).get(family):
                        response.additional.append(zone.rrset(server.target, family, records, client))
            return None
        if redirection := zone.redirection(name):
            owner, record = redirection
            rrset = zone.rrset(owner, "DNAME", [record], client)
            target = name.relativize(owner).derelativize(rrset[0].target)
            response.answer += [rrset, dns.rrset.from_text(name, record.ttl, "IN", "CNAME", str(target))]
            return target
        node = zone.node(name)
        if node is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
            response.authority.append(zone.soa())
            return None
        if "CNAME" in node and rdtype not in ("CNAME", "ANY"):
            rrset = zone.rrset(name, "CNAME", node["CNAME"], client)
            response.answer.append(rrset)
            return rrset[0].target
        found = [zone.soa()] if rdtype in ("SOA", "ANY") and name == zone.origin else []
        wanted = [kind for kind in node if kind != ALIAS] if rdtype == "ANY" else [rdtype] if rdtype in node else []
        found += [zone.rrset(name, kind, node[kind], client) for kind in wanted]
        if not found and ALIAS in node and rdtype in ("A", "AAAA"):
            found = self._flatten(zone, name, node[ALIAS][0], rdtype, client)
        response.answer += found
        if not found:
            response.authority.append(zone.soa())
        return None

    def _flatten(self, zone: Zone, name, alias: Record, rdtype: str, client: str) -> list[dns.rrset.RRset]:
        """The addresses of an ALIAS record's target under the name of the alias."""
        target = rdata(ALIAS, alias.data, zone.origin).target
        answer = self.answer(dns.message.make_query(target, rdtype), client)
        addresses = [
            item for rrset in answer.answer for item in rrset if item.rdtype == dns.rdatatype.from_text(rdtype)
        ]
        return [dns.rrset.from_rdata_list(name, alias.ttl, addresses)] if addresses else []

    def _append_foreign(self, response, name: dns.name.Name, rdtype: str):
        """Follow an alias out of the published zones, as a resolver does for its client."""
        foreign = self.forward(dns.message.make_query(name, rdtype))
        response.answer += foreign.answer
        response.set_rcode(foreign.rcode())


class Dns(SimulatedDns):
    """The same zones on UDP and TCP: port 53 of the sandbox's gateway, and a port of its own on loopback."""

    def __init__(self, settings):
        super().__init__(settings)
        self.gateway = settings.gateway
        self.endpoints = [(settings.gateway, 53), ("127.0.0.1", settings.port + LOOPBACK_OFFSET)]
        self.servers: list[socketserver.BaseServer] = []

    def start(self):
        """Listen; raises OSError naming the address when a port is taken."""
        for address, port in self.endpoints:
            for kind in (_UdpServer, _TcpServer):
                server = kind(listen(address, port, kind.socket_type), self)
                self.servers.append(server)
                threading.Thread(target=server.serve_forever, name="dns", daemon=True).start()

    def stop_all(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()
        self.servers = []

    def ask(self, query: dns.message.Message) -> dns.message.Message:
        address, port = self.endpoints[-1]
        return dns.query.udp_with_fallback(query, address, port=port, timeout=2 * UPSTREAM_TIMEOUT)[0]

    def forward(self, query: dns.message.Message) -> dns.message.Message:
        """Ask the resolvers of this host in turn."""
        own = {address for address, _ in self.endpoints}
        host = dns.resolver.Resolver(configure=False)
        host.read_resolv_conf("/etc/resolv.conf")
        for upstream in host.nameservers:
            if upstream in own:
                continue  # this very server
            try:
                response, _ = dns.query.udp_with_fallback(query, upstream, timeout=UPSTREAM_TIMEOUT)
            except (OSError, dns.exception.DNSException):
                continue  # the next resolver may know
            return response
        response = dns.message.make_response(query, recursion_available=True)
        response.set_rcode(dns.rcode.SERVFAIL)
        return response

    def reply(self, wire: bytes, client: str, limit: int | None = None) -> bytes | None:
        """The response to a packet; at most `limit` bytes, or what the client (EDNS) and the network take in one packet."""
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return None  # nothing in it to answer to
        if query.flags & dns.flags.QR:
            return None
        response = self.answer(query, client)
        size = limit or min(max(query.payload, 512), UDP_SIZE)
        return response.to_wire(max_size=size, prefer_truncation=True)


class _UdpServer(socketserver.ThreadingUDPServer):
    daemon_threads = True
    max_packet_size = 4096

    def __init__(self, listener: socket.socket, service: Dns):
        super().__init__(listener.getsockname(), _UdpHandler, bind_and_activate=False)
        self.socket.close()
        self.socket, self.service = listener, service


class _UdpHandler(socketserver.BaseRequestHandler):
    def handle(self):
        wire, reply_to = self.request
        if reply := self.server.service.reply(wire, self.client_address[0]):
            reply_to.sendto(reply, self.client_address)


class _TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, listener: socket.socket, service: Dns):
        super().__init__(listener.getsockname(), _TcpHandler, bind_and_activate=False)
        self.socket.close()
        self.socket, self.service = listener, service
        self.server_activate()


class _TcpHandler(socketserver.StreamRequestHandler):
    timeout = 30

    def handle(self):
        try:
            while header := self.rfile.read(2):
                wire = self.rfile.read(*struct.unpack("!H", header))
                reply = self.server.service.reply(wire, self.client_address[0], limit=65535)
                if reply is None:
                    return
                self.wfile.write(struct.pack("!H", len(reply)) + reply)
        except (OSError, TimeoutError, struct.error):
            return  # the client went away, or sent half a message
