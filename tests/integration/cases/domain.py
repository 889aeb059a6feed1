from . import Case

ZONE = "cases.example.com"
SETUP = [{"stackway.scaleway.domain_zone": {"domain": "example.com", "subdomain": "cases"}}]
CLEANUP = [{"stackway.scaleway.domain_zone": {"domain": "example.com", "subdomain": "cases", "state": "absent"}}]


def record(**options):
    return {"dns_zone": ZONE, "name": "x", "type": "A", "data": ["192.0.2.1"]} | options


def records(*entries):
    return {"dns_zone": ZONE, "records": list(entries)}


CASES = [
    Case(
        "domain_zone",
        create={"domain": "example.com", "subdomain": "case-zone"},
        key=("domain", "subdomain"),
        refused=[
            ({"domain": "nodots"}, "domain: 'nodots' is not a domain name"),
            ({"domain": "a..b"}, "domain: 'a..b' is not a domain name"),
            ({"domain": "example.com", "subdomain": "-x"}, "subdomain: '-x.example.com' is not a domain name"),
        ],
    ),
    Case(
        "domain_record",
        label="addresses",
        setup=SETUP,
        cleanup=CLEANUP,
        create=record(name="www", data=["192.0.2.1", "192.0.2.2"], ttl=300),
        key=("dns_zone", "name", "type"),
        changes={"data": ["192.0.2.2", "192.0.2.3"], "ttl": 600, "comment": "by a case"},
        refused=[
            (record(data=["192.0.2.300"]), "data: A record: '192.0.2.300' is not an IPv4 address"),
            (record(data=[]), "data: needed"),
            (record(data=["192.0.2.1", "192.0.2.1"]), "data: the same A record is there twice"),
            (record(name="-x"), "name: '-x' is not a name in the zone"),
            (record(ttl=5), "ttl: 5 is not between 60 and"),
            (record(dns_zone="nozone.example.net"), "dns_zone: the zone nozone.example.net does not exist"),
            (record(dns_zone="a b"), "dns_zone: 'a b' is not a domain name"),
            (record(name="", type="CNAME", data=["a.example.org"]), "the zone itself cannot be a CNAME"),
            (record(type="CNAME", data=["a.example.org", "b.example.org"]), "a name has one CNAME record, not 2"),
            (record(type="CNAME", data=["a"]), "'a' is not a complete host name"),
            (record(type="MX", data=["mail.example.org"]), "'mail.example.org' is not of the form '10 mail"),
            (record(data=None, exclusive=False, state="absent"), "data: needed to tell which"),
        ],
    ),
    Case(
        "domain_record",
        label="texts",
        setup=SETUP,
        cleanup=CLEANUP,
        create={"dns_zone": ZONE, "name": "@", "type": "TXT", "data": ["v=spf1 -all"], "exclusive": False},
        absent={"dns_zone": ZONE, "type": "TXT", "data": ["v=spf1 -all", 'say "hi"'], "exclusive": False},
        changes={"data": ["v=spf1 -all", 'say "hi"'], "ttl": 120},
    ),
    Case(
        "domain_record",
        label="mail",
        setup=SETUP,
        cleanup=CLEANUP,
        create={"dns_zone": ZONE, "name": f"{ZONE}.", "type": "MX", "data": ["10 Mail.example.org"]},
        absent={"dns_zone": ZONE, "type": "MX"},
        changes={"data": ["10 mail.example.org", "20 backup.example.org."]},
    ),
    Case(
        "domain_records",
        setup=SETUP,
        cleanup=CLEANUP,
        create=records({"type": "A", "data": ["192.0.2.1"]}, {"name": "www", "type": "CNAME", "data": ["example.org"]}),
        key=("dns_zone",),
        changes={
            "records": [
                {"type": "A", "data": ["192.0.2.1", "192.0.2.2"], "comment": "two"},
                {"name": "_sip._tcp", "type": "SRV", "data": ["0 5 443 host.example.org"]},
                {"name": "*.apps", "type": "AAAA", "data": ["2001:db8::1"], "ttl": 60},
            ]
        },
        refused=[
            ({"dns_zone": ZONE}, "records: needed"),
            (records({"type": "A", "data": ["x"]}), "records: A record: 'x' is not an IPv4 address"),
            (
                records({"type": "A", "data": ["192.0.2.1"]}, {"type": "A", "name": "@", "data": ["192.0.2.2"]}),
                "records: @ A is listed twice",
            ),
            (records({"type": "A", "data": ["192.0.2.1"], "ttl": 1}), "records: @ A: 1 is not between"),
        ],
    ),
]
