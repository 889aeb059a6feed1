"""Route 53, as boto3 uses it: what is written there is answered by the sandbox's DNS."""

import configparser
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.server import running
from sandbox.settings import Settings


def connect(settings, **key):
    config = configparser.ConfigParser()
    config.read(settings.aws_config)
    names = ("aws_access_key_id", "aws_secret_access_key")
    given = {name: config["default"][name] for name in names} | key
    return boto3.client("route53", endpoint_url=settings.route53_url, region_name="us-east-1", **given)


def write(route53, zone, action, name, kind, *values):
    record = {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value} for value in values]}
    changes = [{"Action": action, "ResourceRecordSet": record}]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def test_records_are_answered_from_the_moment_they_are_written(sandbox):
    route53, resolve = connect(sandbox.settings), sandbox.machines.dns.resolve
    zone = route53.create_hosted_zone(Name="shop.test", CallerReference="1")["HostedZone"]["Id"]
    write(route53, zone, "CREATE", "www.shop.test", "CNAME", "there.example.com")
    write(route53, zone, "CREATE", "*.shop.test", "A", "192.0.2.1", "192.0.2.2")
    write(route53, zone, "CREATE", "shop.test", "TXT", '"proof"')
    assert resolve("www.shop.test", "CNAME") == ["there.example.com."]
    assert sorted(resolve("any.shop.test", "A")) == ["192.0.2.1", "192.0.2.2"]
    assert resolve("shop.test", "TXT") == ["proof"]

    write(route53, zone, "UPSERT", "www.shop.test", "CNAME", "elsewhere.example.com.")
    assert resolve("www.shop.test", "CNAME") == ["elsewhere.example.com."]
    write(route53, zone, "DELETE", "*.shop.test", "A", "192.0.2.1", "192.0.2.2")
    assert resolve("any.shop.test", "A") == []


def test_only_the_accounts_own_key_opens_it(sandbox):
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        connect(sandbox.settings, aws_access_key_id="AKIANOBODY").list_hosted_zones()
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        connect(sandbox.settings, aws_secret_access_key="wrong").list_hosted_zones()
    assert sandbox.settings.aws_config.stat().st_mode & 0o077 == 0


def test_zones_survive_a_restart(tmp_path):
    with running(Settings(name="tests", home=tmp_path, port=0, api_only=True)) as first:
        route53 = connect(first.settings)
        zone = route53.create_hosted_zone(Name="kept.test", CallerReference="1")["HostedZone"]["Id"]
        write(route53, zone, "CREATE", "www.kept.test", "A", "192.0.2.1")
    with running(Settings(name="tests", home=tmp_path, port=0, api_only=True)) as second:
        assert second.machines.dns.resolve("www.kept.test", "A") == ["192.0.2.1"]
        names = [zone["Name"] for zone in connect(second.settings).list_hosted_zones()["HostedZones"]]
        assert names == ["kept.test."]
        write(connect(second.settings), zone, "DELETE", "www.kept.test", "A", "192.0.2.1")
        connect(second.settings).delete_hosted_zone(Id=zone)
        assert second.machines.dns.resolve("kept.test", "NS") == []


def test_a_database_elsewhere_is_the_same_at_every_question(api):
    first, second = (api.get("/_sandbox/database").json() for _ in range(2))
    assert first == second and urlsplit(first["url"]).query == "sslmode=verify-full"
    assert first["certificate"].startswith("-----BEGIN CERTIFICATE-----")
