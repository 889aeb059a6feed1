from . import Case

ZONE = {"domain": "example.com", "subdomain": "mail-cases"}

CASES = [
    Case(
        "tem_domain",
        setup=[{"stackway.scaleway.domain_zone": ZONE}],
        cleanup=[{"stackway.scaleway.domain_zone": ZONE | {"state": "absent"}}],
        create={"name": "mail-cases.example.com"},
        changes={"autoconfig": True},
        refused=[
            ({"name": "nodots"}, "name: 'nodots' is not a domain name"),
            ({"name": "elsewhere.example.com", "region": "nl-ams"}, "region"),
            (
                {"name": "unpublished.example.net", "verify": True, "wait_timeout": 3},
                "spf not_found: no such record, dkim not_found",
            ),
        ],
    ),
    Case(
        "tem_domain",
        label="verified",
        setup=[{"stackway.scaleway.domain_zone": ZONE}],
        cleanup=[{"stackway.scaleway.domain_zone": ZONE | {"state": "absent"}}],
        create={"name": "mail-cases.example.com", "autoconfig": True, "verify": True},
    ),
]
