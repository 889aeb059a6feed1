"""transactional-email/v1alpha1: when a domain is checked, who may send, and where the mail goes."""

import email
import time

import dkim
import pytest

from sandbox.services.tem.emails import Emails

PATH = "/transactional-email/v1alpha1/regions/fr-par"
ZONES = "/domain/v2beta1/dns-zones"


@pytest.fixture
def name(api, request):
    """A domain name with a zone of its own."""
    subdomain = f"mail{abs(hash(request.node.name)) % 10**8}"
    api.post(ZONES, json={"domain": "example.org", "subdomain": subdomain})
    return f"{subdomain}.example.org"


@pytest.fixture
def domain(api, name):
    """A checked domain."""
    created = api.post(f"{PATH}/domains", json={"domain_name": name, "autoconfig": True}).json()
    assert created["status"] == "autoconfiguring"
    return settled(api, created["id"], "checked")


def settled(api, id, status):
    deadline = time.monotonic() + 5
    while (found := api.get(f"{PATH}/domains/{id}").json())["status"] != status:
        assert time.monotonic() < deadline, f"still {found['status']}"
        time.sleep(0.05)
    return found


def write(api, zone, *records):
    records = [{"name": name, "type": kind, "data": data, "ttl": 300} for name, kind, data in records]
    answer = api.patch(f"{ZONES}/{zone}/records", json={"changes": [{"add": {"records": records}}]})
    assert answer.status_code == 200, answer.text


def send(api, sender, *recipients, **fields):
    body = {"from": {"email": sender, "name": "App"}, "to": [{"email": address} for address in recipients]}
    return api.post(f"{PATH}/emails", json=body | {"subject": "Hello", "text": "A text", "html": ""} | fields)


def sent(api, id):
    deadline = time.monotonic() + 5
    while (found := api.get(f"{PATH}/emails/{id}").json())["status"] in ("new", "sending"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def test_a_domain_is_checked_once_its_records_are_there(api, name):
    domain = api.post(f"{PATH}/domains", json={"domain_name": name, "accept_tos": True, "autoconfig": False}).json()
    assert domain["status"] == "unchecked"
    wanted = domain["records"]
    relative = {kind: wanted[kind]["name"].rstrip(".").removesuffix(name).rstrip(".") for kind in wanted}
    for kinds, status in ((["spf"], "unchecked"), (["dkim"], "unchecked"), (["dmarc"], "checked")):
        for kind in kinds:
            write(api, name, (relative[kind], "TXT", wanted[kind]["value"]))
        api.post(f"{PATH}/domains/{domain['id']}/check", json={})
        settled(api, domain["id"], status)
    verdicts = api.get(f"{PATH}/domains/{domain['id']}/verification").json()
    assert verdicts["dkim_record"]["status"] == "valid"
    assert verdicts["mx_record"]["status"] == "not_found"  # optional


def test_a_domain_whose_records_go_is_invalid(api, domain):
    api.delete(f"{ZONES}/{domain['name']}/records")
    api.post(f"{PATH}/domains/{domain['id']}/check", json={})
    settled(api, domain["id"], "invalid")


def test_autoconfig_keeps_what_the_zone_has(sandbox, api, name):
    write(api, name, ("", "TXT", "v=spf1 ip4:192.0.2.1 -all"), ("", "TXT", "other"), ("", "MX", "10 mail.example.org."))
    domain = api.post(f"{PATH}/domains", json={"domain_name": name, "autoconfig": True}).json()
    settled(api, domain["id"], "checked")
    spf = "v=spf1 include:_spf.tem.scaleway.com ip4:192.0.2.1 -all"
    assert sorted(sandbox.machines.dns.resolve(name, "TXT")) == ["other", spf]
    assert sandbox.machines.dns.resolve(name, "MX") == ["10 mail.example.org."]


def test_autoconfig_needs_the_zone(api):
    domain = api.post(f"{PATH}/domains", json={"domain_name": "mail.elsewhere.test", "autoconfig": True}).json()
    settled(api, domain["id"], "unchecked")
    state = api.get(f"{PATH}/domains/{domain['id']}/verification").json()["autoconfig_state"]
    assert state == {"enabled": True, "autoconfigurable": False, "reason": "domain_not_found"}


def test_a_domain_exists_once_in_a_project(api, domain):
    again = api.post(f"{PATH}/domains", json={"domain_name": domain["name"], "autoconfig": False})
    assert (again.status_code, again.json()["type"]) == (409, "already_exists")


def test_a_revoked_domain_is_gone_whatever_its_check_finds(api, domain):
    api.post(f"{PATH}/domains/{domain['id']}/check", json={})
    for _ in range(2):
        assert api.post(f"{PATH}/domains/{domain['id']}/revoke", json={}).json()["status"] == "revoked"
    time.sleep(0.7)  # by then the check has ended
    assert api.get(f"{PATH}/domains/{domain['id']}").json()["resource"] == "domain"
    assert api.get(f"{PATH}/domains?name={domain['name']}").json()["domains"] == []
    assert send(api, f"app@{domain['name']}", "ann@example.com").status_code == 400
    again = api.post(f"{PATH}/domains", json={"domain_name": domain["name"], "autoconfig": False})
    assert again.json()["id"] != domain["id"]


@pytest.mark.parametrize(
    ("region", "body"),
    [
        ("fr-par", {"domain_name": "nodots"}),
        ("fr-par", {"domain_name": "a..b"}),
        ("fr-par", {}),
        ("fr-par", {"domain_name": "a.test", "accept_tos": False}),
        ("nl-ams", {"domain_name": "a.test"}),
    ],
)
def test_what_is_malformed_is_refused(api, region, body):
    path = PATH.replace("fr-par", region)
    assert api.post(f"{path}/domains", json=body).status_code == 400


def test_mail_is_delivered_and_its_signature_verifies(sandbox, api, domain):
    attachment = {"name": "a.csv", "type": "text/csv", "content": "YTtiCg=="}
    created = send(api, f"app@{domain['name']}", "ann@example.com", html="<b>A</b>", attachments=[attachment]).json()[
        "emails"
    ]
    assert [(item["mail_rcpt"], item["rcpt_type"], item["status"]) for item in created] == [
        ("ann@example.com", "to", "new")
    ]
    assert sent(api, created[0]["id"])["status"] == "sent"
    [mail] = api.get("/_sandbox/mail?to=ann@example.com").json()["mail"]
    assert (mail["subject"], mail["text"], mail["html"]) == ("Hello", "A text\n", "<b>A</b>\n")
    assert mail["attachments"] == [{"name": "a.csv", "type": "text/csv", "size": 4}]
    key = lambda name, timeout=5: sandbox.machines.dns.resolve(name.decode(), "TXT")[0].encode()  # noqa: E731
    assert dkim.verify(mail["raw"].encode(), dnsfunc=key)
    assert email.message_from_string(mail["raw"])["DKIM-Signature"].count(f"d={domain['name']};") == 1
    statistics = api.get(f"{PATH}/statistics?domain_id={domain['id']}").json()
    assert (statistics["total_count"], statistics["sent_count"]) == (1, 1)
    assert api.get(f"{PATH}/domains/{domain['id']}").json()["statistics"]["sent_count"] == 1


def test_mail_from_an_unchecked_domain_is_refused(api, name):
    api.post(f"{PATH}/domains", json={"domain_name": name, "autoconfig": False})
    refusal = send(api, f"app@{name}", "ann@example.com")
    assert refusal.status_code == 400
    assert "not a checked domain" in refusal.json()["details"][0]["help_message"]


def test_blind_copies_stay_blind(api, domain):
    created = send(api, f"app@{domain['name']}", "to@example.com", bcc=[{"email": "blind@example.com"}]).json()[
        "emails"
    ]
    for item in created:
        sent(api, item["id"])
    [mail] = api.get("/_sandbox/mail?to=blind@example.com").json()["mail"]
    assert "blind@example.com" not in mail["raw"]


def test_a_blocked_recipient_gets_nothing(api, domain):
    blocked = {"domain_id": domain["id"], "emails": ["full@example.com"], "type": "mailbox_full", "reason": "full"}
    assert api.post(f"{PATH}/blocklists", json=blocked).status_code == 200
    [created] = send(api, f"app@{domain['name']}", "full@example.com").json()["emails"]
    failed = sent(api, created["id"])
    assert (failed["status"], failed["flags"]) == ("failed", ["blocklisted"])
    assert api.get("/_sandbox/mail?to=full@example.com").json()["mail"] == []


def test_a_canceled_email_is_not_delivered(api, domain):
    [created] = send(api, f"app@{domain['name']}", "never@example.com").json()["emails"]
    assert api.post(f"{PATH}/emails/{created['id']}/cancel", json={}).json()["status"] == "canceled"
    time.sleep(0.5)
    assert api.get("/_sandbox/mail?to=never@example.com").json()["mail"] == []
    assert api.post(f"{PATH}/emails/{created['id']}/cancel", json={}).status_code == 412


def test_smtp_takes_the_keys_that_may_send_from_the_project(sandbox, api):
    office, owner = sandbox.services[Emails], api.headers["X-Auth-Token"]
    project = sandbox.organization_id
    other = api.post("/account/v3/projects", json={"name": "other"}).json()["id"]
    application = api.post("/iam/v1alpha1/applications", json={"name": "mailer"}).json()["id"]
    body = {"application_id": application, "default_project_id": other}
    key = api.post("/iam/v1alpha1/api-keys", json=body).json()["secret_key"]
    assert office.authenticate(other, key) is None
    rule = {"permission_set_names": ["TransactionalEmailEmailFullAccess"], "project_ids": [other]}
    policy = {"name": "mailer", "application_id": application, "rules": [rule]}
    assert api.post("/iam/v1alpha1/policies", json=policy).status_code == 200
    assert office.authenticate(other, key) == other
    assert office.authenticate(project, key) is None
    assert office.authenticate(project, owner) == project
    assert office.authenticate(project, "wrong") is None
    assert office.authenticate("nobody", owner) is None
