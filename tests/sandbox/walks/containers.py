"""How to call Serverless Containers."""

from scaleway.container.v1.types import CreateTriggerRequestCronConfig, UpdateTriggerRequestCronConfig


def walk(sdk):
    api, tokens = sdk("container.v1.ContainerV1API"), sdk("container.v1beta1.ContainerV1Beta1API")
    namespace = api.create_namespace(name="walked", secret_environment_variables={"KEY": "value"})
    sdk.until(lambda: api.get_namespace(namespace_id=namespace.id), "ready")
    api.list_namespaces()
    api.update_namespace(namespace_id=namespace.id, tags=["walked"])

    container = api.create_container(namespace_id=namespace.id, name="web", image="nginx:alpine", port=80)
    sdk.until(lambda: api.get_container(container_id=container.id), "ready")
    api.list_containers()
    api.update_container(container_id=container.id, min_scale=1)
    sdk.until(lambda: api.get_container(container_id=container.id), "ready")
    api.redeploy_container(container_id=container.id)

    cron = CreateTriggerRequestCronConfig(schedule="5 4 * * *", timezone="Europe/Paris", body="", headers={})
    trigger = api.create_trigger(container_id=container.id, name="nightly", cron_config=cron)
    sdk.until(lambda: api.get_trigger(trigger_id=trigger.id), "ready")
    api.list_triggers()
    api.update_trigger(trigger_id=trigger.id, cron_config=UpdateTriggerRequestCronConfig(schedule="6 4 * * *"))
    api.delete_trigger(trigger_id=trigger.id)

    walk_domain(sdk, api, container)
    walk_tokens(tokens, container)
    api.delete_container(container_id=container.id)
    api.delete_namespace(namespace_id=namespace.id)


def walk_domain(sdk, api, container):
    from scaleway.domain.v2beta1.types import Record, RecordChange, RecordChangeAdd, RecordType

    zones = sdk("domain.v2beta1.DomainV2Beta1API")
    zones.create_dns_zone(domain="walked-containers.test", subdomain="")
    host = container.public_endpoint.removeprefix("https://")
    record = Record(data=f"{host}.", name="web", priority=0, ttl=60, type_=RecordType.CNAME, id="")
    zones.update_dns_zone_records(
        dns_zone="walked-containers.test",
        changes=[RecordChange(add=RecordChangeAdd(records=[record]))],
        disallow_new_zone_creation=False,
    )
    domain = api.create_domain(container_id=container.id, hostname="web.walked-containers.test")
    sdk.until(lambda: api.get_domain(domain_id=domain.id), "ready")
    api.list_domains()
    api.update_domain(domain_id=domain.id, tags=["walked"])
    api.delete_domain(domain_id=domain.id)


def walk_tokens(api, container):
    token = api.create_token(container_id=container.id)
    api.get_token(token_id=token.id)
    api.list_tokens()
    api.delete_token(token_id=token.id)
