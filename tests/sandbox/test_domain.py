"""domain/v2beta1: what a zone holds, how changes apply, and that all of it resolves."""

import base64
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.server import running
from sandbox.services.domain import Records, Zones
from sandbox.settings import Settings

PATH = "/domain/v2beta1/dns-zones"


@pytest.fixture
def zone(api, request):
    """The name of a fresh zone."""
    name = f"zone{abs(hash(request.node.name)) % 10**8}.example.net"
    answer = api.post(PATH, json={"domain": "example.net", "subdomain": name.partition(".")[0]})
    assert answer.status_code == 200, answer.text
    return name


@pytest.fixture
def patch(api, zone):
    def patch(*changes, **options):
        return api.patch(f"{PATH}/{zone}/records", json={"changes": list(changes), **options})

    return patch


@pytest.fixture
def records(api, zone):
    def records(query=""):
        return api.get(f"{PATH}/{zone}/records?name=&{query}").json()["records"]

    return records


def record(name, kind, data, **fields):
    return {"name": name, "type": kind, "data": data, "ttl": 300, **fields}


def add(*records):
    return {"add": {"records": list(records)}}


def test_a_zone_starts_with_its_name_servers(zone, records):
    assert [(item["type"], item["data"], item["ttl"]) for item in records()] == [
        ("NS", "ns0.dom.scw.cloud.", 1800),
        ("NS", "ns1.dom.scw.cloud.", 1800),
    ]


def test_what_is_written_resolves_at_once(sandbox, zone, patch):
    patch(add(record("www", "A", "192.0.2.1")))
    assert sandbox.machines.dns.resolve(f"www.{zone}", "A") == ["192.0.2.1"]
    patch({"set": {"id_fields": {"name": "www", "type": "A"}, "records": [record("www", "A", "192.0.2.2")]}})
    assert sandbox.machines.dns.resolve(f"www.{zone}", "A") == ["192.0.2.2"]
    patch({"delete": {"id_fields": {"name": "www", "type": "A"}}})
    assert sandbox.machines.dns.resolve(f"www.{zone}", "A") == []


@pytest.mark.parametrize(
    ("sent", "echoed"),
    [
        (record("", "TXT", "v=DMARC1; p=none"), '"v=DMARC1; p=none"'),
        (record("", "TXT", '"quoted"'), '"quoted"'),
        (record("", "TXT", 'a "b" c'), '"a \\"b\\" c"'),
        (record("", "MX", "mail.example.org.", priority=7), "7 mail.example.org."),
        (record("", "MX", "5 mail.example.org."), "5 mail.example.org."),
        (record("_sip._tcp", "SRV", "0 0 1234 host.example.org."), "0 0 1234 host.example.org."),
        (record("", "CAA", '0 issue "letsencrypt.org"'), '0 issue "letsencrypt.org"'),
    ],
)
def test_echo(patch, sent, echoed):
    [written] = patch(add(sent)).json()["records"]
    assert written["data"] == echoed


@pytest.mark.parametrize(
    ("wrong", "argument"),
    [
        (record("www", "A", "192.0.2.256"), "data"),
        (record("www", "AAAA", "192.0.2.1"), "data"),
        (record("www", "MX", "not a host.", priority=1), "data"),
        (record("www", "NOPE", "x"), "type"),
        (record("-www", "A", "192.0.2.1"), "name"),
        (record("a..b", "A", "192.0.2.1"), "name"),
        (record("www", "A", "192.0.2.1") | {"ttl": 5}, "ttl"),
        (record("www", "A", "192.0.2.1", view_config={"views": [{"subnet": "x", "data": "192.0.2.2"}]}), "view_config"),
        (
            record("www", "A", "192.0.2.1", view_config={"views": [{"subnet": "10.0.0.0/8", "data": "x"}]}),
            "view_config",
        ),
        (
            record("www", "A", "192.0.2.1", weighted_config={"weighted_ips": [{"ip": "x", "weight": 1}]}),
            "weighted_config",
        ),
        (
            record("www", "A", "192.0.2.1", weighted_config={"weighted_ips": [{"ip": "192.0.2.2", "weight": 0}]}),
            "weighted_config",
        ),
        *(
            (record("www", "A", "192.0.2.1", weighted_config={"weighted_ips": wrong}), "weighted_config")
            for wrong in (
                [{"ip": "192.0.2.2", "weight": 1}, {"ip": "192.0.2.3"}],
                [{"ip": "192.0.2.2", "weight": -1}, {"ip": "192.0.2.3", "weight": 2}],
                [{"weight": 1}],
            )
        ),
        (record("www", "A", "192.0.2.1", view_config={"views": [{"subnet": "10.0.0.0/8"}]}), "view_config"),
        (record(".".join(["a" * 60] * 4), "A", "192.0.2.1"), "name"),
    ],
)
def test_a_refused_change_changes_nothing(patch, records, wrong, argument):
    before = records()
    answer = patch(add(record("good", "A", "192.0.2.1")), add(wrong))
    assert answer.status_code == 400
    assert answer.json()["details"][0]["argument_name"] == argument
    assert records() == before


def test_no_choices_are_the_same_as_none(sandbox, zone, patch):
    """Go clients send null for a list that is empty."""
    choices = {"weighted_config": {"weighted_ips": None}, "view_config": {"views": None}}
    assert patch(add(record("www", "A", "192.0.2.1", **choices))).status_code == 200
    assert sandbox.machines.dns.resolve(f"www.{zone}", "A") == ["192.0.2.1"]


@pytest.mark.parametrize("serial", ["7", -1, 2**32])
def test_a_serial_that_is_none_is_refused(patch, serial):
    answer = patch(add(record("www", "A", "192.0.2.1")), serial=serial)
    assert (answer.status_code, answer.json()["details"][0]["argument_name"]) == (400, "serial")


def test_a_zone_that_cannot_be_served_keeps_nothing_else_from_starting(tmp_path):
    settings = Settings(home=tmp_path, port=0, api_only=True)
    with running(settings) as sandbox:
        zones, records = sandbox.services[Zones], sandbox.services[Records]
        for name in ("broken.example", "whole.example"):
            records.write(zones.ensure(name), [add(record("www", "A", "192.0.2.1"))])
        broken = next(each for each in records.of({"_name": "broken.example"}) if each["name"] == "www")
        sandbox.store.change(records.kind, broken["id"], ttl=None, weighted_config={"weighted_ips": [{}]})
    with running(settings) as sandbox:
        assert sandbox.machines.dns.resolve("www.whole.example", "A") == ["192.0.2.1"]


def test_nothing_is_written_to_a_zone_that_goes_meanwhile(sandbox, zone, patch):
    zones = sandbox.services[Zones]
    with ThreadPoolExecutor(1) as pool:
        with zones.held(zones.fetch(zone)) as going:
            asked = pool.submit(patch, add(record("www", "A", "192.0.2.1")))
            time.sleep(0.3)
            zones.remove(going)
        assert asked.result().status_code == 404
    assert sandbox.services[Records].of({"_name": zone}) == []


def test_set_by_id_keeps_the_id(patch, records):
    [written] = patch(add(record("www", "A", "192.0.2.1"))).json()["records"]
    patch({"set": {"id": written["id"], "records": [record("www", "A", "192.0.2.9")]}})
    [now] = records("type=A")
    assert (now["id"], now["data"]) == (written["id"], "192.0.2.9")


def test_id_fields_with_data_select_one_of_a_set(patch, records):
    patch(add(record("www", "A", "192.0.2.1"), record("www", "A", "192.0.2.2"), record("www", "TXT", "one")))
    patch({"delete": {"id_fields": {"name": "www", "type": "a", "data": "192.0.2.1"}}})
    patch({"delete": {"id_fields": {"name": "www", "type": "TXT", "data": "one"}}})
    assert [item["data"] for item in records("type=A")] == ["192.0.2.2"]
    assert records("type=TXT") == []


def test_clear_leaves_the_name_servers(api, zone, patch, records):
    patch(add(record("www", "A", "192.0.2.1")))
    assert api.delete(f"{PATH}/{zone}/records").json() == {}
    assert [item["type"] for item in records()] == ["NS", "NS"]


def test_all_records_are_returned_on_request(patch):
    assert len(patch(add(record("www", "A", "192.0.2.1"))).json()["records"]) == 1
    assert len(patch(add(record("ftp", "A", "192.0.2.1")), return_all_records=True).json()["records"]) == 4


def test_a_thousand_records_in_one_call(patch, api, zone):
    many = [record(f"host{number}", "A", f"192.0.{number // 250}.{number % 250 + 1}") for number in range(1000)]
    assert len(patch(add(*many)).json()["records"]) == 1000
    page = api.get(f"{PATH}/{zone}/records?name=&page=10&page_size=100").json()
    assert (page["total_count"], len(page["records"])) == (1002, 100)


def test_a_change_makes_the_zone_unless_forbidden(api):
    change = {"changes": [add(record("", "A", "192.0.2.1"))], "disallow_new_zone_creation": True}
    path = f"{PATH}/implicit.example.net/records"
    assert api.patch(path, json=change).status_code == 404
    assert api.patch(path, json=change | {"disallow_new_zone_creation": False}).status_code == 200
    [zone] = api.get(f"{PATH}?domain=&dns_zones=implicit.example.net").json()["dns_zones"]
    assert (zone["domain"], zone["subdomain"], zone["status"]) == ("example.net", "implicit", "pending")
    time.sleep(1.6)
    [zone] = api.get(f"{PATH}?domain=&dns_zones=implicit.example.net").json()["dns_zones"]
    assert zone["status"] == "active"


def test_a_malformed_change_makes_no_zone(api):
    change = {"changes": [add(record("", "A", "nonsense"))]}
    assert api.patch(f"{PATH}/never.example.net/records", json=change).status_code == 400
    assert api.get(f"{PATH}?domain=&dns_zones=never.example.net").json()["dns_zones"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"domain": "nodots"},
        {"domain": "bad..example"},
        {"domain": "a.b", "subdomain": "-x"},
        {"domain": ".".join(["a" * 60] * 5)},
        {},
    ],
)
def test_a_malformed_zone_is_refused(api, body):
    assert api.post(PATH, json=body).status_code == 400


def test_a_zone_exists_once_and_the_root_stays(api, zone):
    assert api.post(PATH, json={"domain": "example.net", "subdomain": zone.partition(".")[0]}).status_code == 409
    assert api.post(PATH, json={"domain": "example.net"}).status_code == 409
    refusal = api.delete(f"{PATH}/example.net")
    assert (refusal.status_code, refusal.json()) == (403, {"message": "root zone can't be deleted"})
    assert api.delete(f"{PATH}/{zone}").json() == {}
    assert api.get(f"{PATH}/{zone}/records?name=").status_code == 404


def test_renaming_takes_the_records_along(sandbox, api, zone, patch):
    patch(add(record("www", "A", "192.0.2.1")))
    api.patch(f"{PATH}/{zone}", json={"new_dns_zone": "renamed.example.net"})
    assert sandbox.machines.dns.resolve("www.renamed.example.net", "A") == ["192.0.2.1"]
    assert sandbox.machines.dns.resolve(f"www.{zone}", "A") == []


def test_a_zone_file_comes_back_as_it_went_out(api, zone, patch, records):
    long = "v=DKIM1; p=" + "A" * 400
    patch(
        add(
            record("www", "CNAME", "example.org."), record("key", "TXT", long), record("", "MX", "10 mail.example.org.")
        )
    )
    before = [(item["name"], item["type"], item["data"], item["ttl"]) for item in records()]
    exported = base64.b64decode(api.get(f"{PATH}/{zone}/raw").json()["content"]).decode()
    api.delete(f"{PATH}/{zone}/records")
    answer = api.post(f"{PATH}/{zone}/raw", json={"bind_source": {"content": exported}})
    assert answer.status_code == 200, answer.text
    assert [(item["name"], item["type"], item["data"], item["ttl"]) for item in records()] == before
    assert api.post(f"{PATH}/{zone}/raw", json={"content": "a IN"}).status_code == 400


def test_a_version_can_be_restored(api, zone, patch, records):
    patch(add(record("www", "A", "192.0.2.1")))
    kept = api.get(f"{PATH}/{zone}/versions").json()["versions"][-1]["id"]
    patch({"clear": {}}, add(record("other", "A", "192.0.2.2")))
    assert api.post(f"{PATH}/version/{kept}/restore").json() == {}
    assert [item["data"] for item in records("type=A")] == ["192.0.2.1"]


def test_a_view_is_served_to_its_clients(sandbox, zone, patch):
    view = {"views": [{"subnet": "127.0.0.0/8", "data": "192.0.2.8"}]}
    patch(add(record("view", "A", "192.0.2.1", view_config=view)))
    assert sandbox.machines.dns.resolve(f"view.{zone}", "A") == ["192.0.2.8"]


def test_many_clients_write_to_a_new_zone_at_once(sandbox, api):
    def write(number):
        change = {"changes": [add(record(f"host{number}", "A", "192.0.2.1"))]}
        return api.patch(f"{PATH}/crowd.example.net/records", json=change).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(write, range(16))) == {200}
    assert api.get(f"{PATH}/crowd.example.net/records?name=").json()["total_count"] == 18
    assert (
        sandbox.store.get("domain.dns_zone", "crowd.example.net")["_serial"] == 18
    )  # made, its name servers, sixteen hosts
