"""Calls every operation of domain/v2beta1 that is served."""

from scaleway.domain.v2beta1 import (
    ImportRawDNSZoneRequestBindSource,
    Nameserver,
    Record,
    RecordChange,
    RecordChangeAdd,
)


def walk(sdk):
    api = sdk("domain.v2beta1.DomainV2Beta1API")
    api.create_dns_zone(domain="walk.test", subdomain="a")
    api.list_dns_zones(domain="walk.test")
    record = Record(data="192.0.2.1", name="www", priority=0, ttl=300, type_="A", id="")
    change = RecordChange(add=RecordChangeAdd(records=[record]))
    api.update_dns_zone_records(dns_zone="a.walk.test", changes=[change], disallow_new_zone_creation=True)
    api.list_dns_zone_records(dns_zone="a.walk.test", name="")
    api.update_dns_zone(dns_zone="a.walk.test", project_id=None, new_dns_zone="b.walk.test")
    api.clone_dns_zone(dns_zone="b.walk.test", dest_dns_zone="c.walk.test", overwrite=False)
    api.refresh_dns_zone(dns_zone="b.walk.test", recreate_dns_zone=False, recreate_sub_dns_zone=False)
    api.list_dns_zone_nameservers(dns_zone="b.walk.test")
    api.update_dns_zone_nameservers(dns_zone="b.walk.test", ns=[Nameserver(name="ns0.dom.scw.cloud", ip=[])])
    api.export_raw_dns_zone(dns_zone="b.walk.test")
    source = ImportRawDNSZoneRequestBindSource(content="mail 300 IN A 192.0.2.2\n")
    api.import_raw_dns_zone(dns_zone="b.walk.test", bind_source=source)
    api.clear_dns_zone_records(dns_zone="b.walk.test")
    versions = api.list_dns_zone_versions(dns_zone="b.walk.test").versions
    api.list_dns_zone_version_records(dns_zone_version_id=versions[0].id)
    api.restore_dns_zone_version(dns_zone_version_id=versions[0].id)
    api.delete_dns_zone(dns_zone="b.walk.test")
