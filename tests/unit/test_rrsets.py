"""DNS records: one spelling for what people write and what the API answers, and the changes between two sets."""

from __future__ import annotations

import pytest
from ansible_collections.stackway.scaleway.plugins.module_utils.rrsets import (
    canonical,
    changes,
    name_fault,
    read,
    relative,
)
from ansible_collections.stackway.scaleway.plugins.module_utils.values import UNKNOWN


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("@", ""),
        ("", ""),
        ("example.com", ""),
        ("example.com.", ""),
        ("WWW", "www"),
        ("www.example.com.", "www"),
        ("a.b", "a.b"),
        ("www.other.org.", "www.other.org."),
    ],
)
def test_names_are_relative_to_the_zone(name, expected):
    assert relative(name, "example.com") == expected


@pytest.mark.parametrize(
    ("rdtype", "written", "answered"),
    [
        ("A", " 192.0.2.1 ", "192.0.2.1"),
        ("AAAA", "2001:DB8:0::1", "2001:db8::1"),
        ("CNAME", "Host.Example.com", "host.example.com."),
        ("MX", "010  mail.example.com", "10 mail.example.com."),
        ("MX", "0 .", "0 ."),
        ("SRV", "0 5 443 host.example.com", "0 5 443 host.example.com."),
        ("TXT", "v=DMARC1; p=none", '"v=DMARC1; p=none"'),
        ("TXT", 'say "hi"', '"say \\"hi\\""'),
        ("TXT", "A" * 300, '"' + "A" * 255 + '" "' + "A" * 45 + '"'),
        ("CAA", "0 issue letsencrypt.org", '0 issue "letsencrypt.org"'),
        ("SSHFP", "1  1 abc", "1 1 abc"),
    ],
)
def test_what_is_written_equals_what_is_answered(rdtype, written, answered):
    assert canonical(rdtype, written) == canonical(rdtype, answered)


@pytest.mark.parametrize(
    ("rdtype", "data", "fault"),
    [
        ("A", "192.0.2.300", "is not an IPv4 address"),
        ("A", "2001:db8::1", "is not an IPv4 address"),
        ("AAAA", "192.0.2.1", "is not an IPv6 address"),
        ("CNAME", "web", "is not a complete host name"),
        ("CNAME", "a b.example.com", "is not a complete host name"),
        ("MX", "mail.example.com", "is not of the form '10 mail"),
        ("SRV", "1 2 host.example.com", "is not of the form"),
        ("CAA", "issue letsencrypt.org", "is not of the form"),
        ("TXT", " ", "is empty"),
    ],
)
def test_malformed_data_is_named(rdtype, data, fault):
    with pytest.raises(ValueError, match=fault):
        canonical(rdtype, data)


@pytest.mark.parametrize("data", [UNKNOWN, f"10 {UNKNOWN}"])
def test_what_check_mode_predicted_is_no_fault(data):
    assert canonical("MX", data) == data
    assert name_fault(f"{UNKNOWN}._domainkey") is None


def answer(id, data, name="www", rdtype="A", ttl=300, comment=None):
    return read({"id": id, "name": name, "type": rdtype, "data": data, "ttl": ttl, "priority": 0, "comment": comment})


def wanted(data, name="www", rdtype="A", ttl=300, **fields):
    return {"name": name, "type": rdtype, "data": data, "ttl": ttl, **fields}


def test_equal_sets_need_no_change():
    current = [answer("1", "192.0.2.1", comment="mine"), answer("2", "192.0.2.2")]
    assert changes(current, [wanted("192.0.2.2"), wanted("192.0.2.1")]) == []


def test_a_replaced_record_keeps_its_id_and_comment():
    [change] = changes([answer("1", "192.0.2.1", comment="mine")], [wanted("192.0.2.9")])
    assert change["set"]["id"] == "1"
    assert (change["set"]["records"][0]["data"], change["set"]["records"][0]["comment"]) == ("192.0.2.9", "mine")


def test_removals_come_first_and_additions_are_one_change():
    current = [answer("1", "192.0.2.1"), answer("2", "192.0.2.2", ttl=60)]
    desired = [wanted("192.0.2.2"), wanted("host.example.org.", "ftp", "CNAME"), wanted("a", "t", "TXT")]
    found = changes(current, desired)
    assert [next(iter(change)) for change in found] == ["delete", "set", "add"]
    assert found[0] == {"delete": {"id": "1"}}
    assert len(found[2]["add"]["records"]) == 2


def test_a_duplicate_is_removed():
    current = [answer("1", "192.0.2.1"), answer("2", "192.0.2.1")]
    assert len(changes(current, [wanted("192.0.2.1")])) == 1


def test_the_priority_of_mx_is_sent_apart():
    [change] = changes([], [wanted("10 mail.example.com.", "", "MX")])
    assert change["add"]["records"][0]["priority"] == 10
    assert change["add"]["records"][0]["data"] == "mail.example.com."
