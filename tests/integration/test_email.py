"""Mail as applications send it: registered domain, records in the DNS, SMTP with TLS, and the message at its recipient."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
import time
from email.message import EmailMessage

import dns.message
import dns.query
import pytest
import requests

ZONE = "mailing.example.com"
DECLARED = {"domain": "example.com", "subdomain": "mailing"}


def gateway(sandbox) -> str:
    return str(ipaddress.ip_network(sandbox.settings["SANDBOX_SUBNET"])[1])


def texts(sandbox, name) -> list[str]:
    response = dns.query.udp(dns.message.make_query(name, "TXT"), gateway(sandbox), timeout=5)
    return sorted(b"".join(item.strings).decode() for rrset in response.answer for item in rrset)


@pytest.fixture(scope="module")
def zone(sandbox):
    assert not sandbox.task("domain_zone", DECLARED).get("failed")
    yield ZONE
    sandbox.task("domain_zone", DECLARED | {"state": "absent"})


@pytest.fixture(scope="module")
def role(sandbox, zone):
    """Run the role; the tasks that changed something, with what they did."""

    def apply(domain, *options, **variables):
        task = {"name": "role", "ansible.builtin.import_role": {"name": "stackway.scaleway.email"}}
        results = sandbox.play([task | {"vars": {"email_domains": [domain]} | variables}], *options)
        assert not [result["msg"] for result in results.values() if result.get("failed")]
        return [
            (name.rpartition(" : ")[2], *sorted({item["action"] for item in result["results"] if item["changed"]}))
            for name, result in results.items()
            if result.get("changed")
        ]

    return apply


@pytest.fixture(scope="module")
def domain(role):
    """A domain that may send, set up by the role."""
    declared = {"name": f"app.{ZONE}", "dns_zone": ZONE}
    role(declared)
    return declared["name"]


def session(sandbox, port=587):
    trust = ssl.create_default_context(cafile=sandbox.home / "ca.pem")
    if port in (465, 2465):
        return smtplib.SMTP_SSL(gateway(sandbox), port, context=trust, timeout=10)
    client = smtplib.SMTP(gateway(sandbox), port, timeout=10)
    client.starttls(context=trust)
    return client


def message(sender, recipient):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, "Reset your password"
    mail.set_content("https://example.com/reset/1234\n")
    return mail


def received(sandbox, recipient, seconds=5) -> list[dict]:
    deadline = time.monotonic() + seconds
    while True:
        url = f"{sandbox.profile['api_url']}/_sandbox/mail"
        found = requests.get(url, params={"to": recipient}, timeout=10).json()["mail"]
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


@pytest.mark.parametrize("port", [25, 465, 587, 2465, 2587])
def test_mail_arrives(sandbox, domain, port):
    recipient = f"port{port}@example.org"
    with session(sandbox, port) as client:
        client.login(sandbox.profile["default_project_id"], sandbox.profile["secret_key"])
        client.send_message(message(f"app@{domain}", recipient))
    [mail] = received(sandbox, recipient)
    assert (mail["subject"], mail["text"]) == ("Reset your password", "https://example.com/reset/1234\n")
    assert "DKIM-Signature" in dict(mail["headers"])
    assert recipient in sandbox.cli("mail", "--to", recipient)


def test_a_wrong_password_is_refused(sandbox, domain):
    with session(sandbox) as client, pytest.raises(smtplib.SMTPAuthenticationError):
        client.login(sandbox.profile["default_project_id"], "11111111-2222-3333-4444-555555555555")


def test_a_domain_that_is_not_checked_may_not_send(sandbox, zone):
    unproven = {"name": f"unproven.{zone}"}
    assert sandbox.task("tem_domain", unproven)["domain"]["status"] == "unchecked"
    with session(sandbox) as client:
        client.login(sandbox.profile["default_project_id"], sandbox.profile["secret_key"])
        for sender in (f"app@unproven.{zone}", "app@gmail.com"):
            with pytest.raises(smtplib.SMTPSenderRefused, match="is not a checked domain"):
                client.send_message(message(sender, "ann@example.org"))
    sandbox.task("tem_domain", unproven | {"state": "absent"})


def test_a_domain_is_checked_when_its_records_are_there_and_not_before(sandbox, zone):
    name = f"proven.{zone}"
    created = sandbox.task("tem_domain", {"name": name})["domain"]
    waiting = sandbox.task("tem_domain", {"name": name, "verify": True, "wait_timeout": 2})
    assert "still 'unchecked'" in waiting["msg"]
    assert "dkim not_found" in waiting["msg"]
    for record in created["dns_records"]:
        options = {field: record[field] for field in ("name", "type", "data")}
        assert sandbox.task("domain_record", {"dns_zone": zone, **options})["changed"]
    verified = sandbox.task("tem_domain", {"name": name, "verify": True})
    assert (verified["changed"], verified["domain"]["status"]) == (True, "checked")
    assert not sandbox.task("tem_domain", {"name": name, "verify": True})["changed"]
    listed = sandbox.task("tem_domain_info", {"status": ["checked"]}, extra={"stackway_ordinary_modules": True})
    assert name in [domain["name"] for domain in listed["domains"]]
    sandbox.task("tem_domain", {"name": name, "state": "absent"})


def test_the_role_converges_and_cleans_up(sandbox, role):
    declared = {"name": ZONE, "dns_zone": ZONE, "dmarc": "v=DMARC1; p=quarantine"}
    proof = {"dns_zone": ZONE, "type": "TXT", "data": ["proof=1234"], "exclusive": False}
    sandbox.task("domain_record", proof)
    made = [
        ("Register the domains", "created"),
        ("Publish their records", "created"),
        ("Wait until they may send", "updated"),
    ]
    assert role(declared, "--check") == made
    assert role(declared) == made
    assert role(declared) == []
    assert texts(sandbox, ZONE) == ["proof=1234", "v=spf1 include:_spf.tem.scaleway.com -all"]
    assert texts(sandbox, f"_dmarc.{ZONE}") == ["v=DMARC1; p=quarantine"]
    assert role(declared, email_state="absent") == [
        ("Remove the records", "deleted"),
        ("Remove the domains", "deleted"),
    ]
    assert role(declared, email_state="absent") == []
    assert texts(sandbox, ZONE) == ["proof=1234"]
    sandbox.task("domain_record", proof | {"state": "absent"})


def test_where_the_dns_is_elsewhere_the_records_are_shown(sandbox, role):
    task = {"name": "role", "ansible.builtin.import_role": {"name": "stackway.scaleway.email"}}
    elsewhere = {"name": "elsewhere.example.net", "verify": False}
    results = sandbox.play([task | {"vars": {"email_domains": [elsewhere]}}])
    shown = next(result for name, result in results.items() if name.endswith("Show what to publish elsewhere"))
    assert {record["kind"] for record in shown["results"][0]["msg"]} == {"spf", "dkim", "dmarc", "mx"}
    role(elsewhere, email_state="absent")
