"""Calls every operation of transactional-email/v1alpha1 that is served."""

from scaleway.tem.v1alpha1 import CreateEmailRequestAddress, UpdateProjectSettingsRequestUpdatePeriodicReport


def walk(sdk):
    zones = sdk("domain.v2beta1.DomainV2Beta1API")
    zones.create_dns_zone(domain="walk-mail.test", subdomain="a")
    api = sdk("tem.v1alpha1.TemV1Alpha1API")
    domain = api.create_domain(domain_name="a.walk-mail.test", autoconfig=False)
    api.update_domain(domain_id=domain.id, autoconfig=True)
    sdk.until(lambda: api.get_domain(domain_id=domain.id), "checked")
    api.check_domain(domain_id=domain.id)
    api.get_domain_last_status(domain_id=domain.id)
    api.list_domains()

    sender, recipient = (CreateEmailRequestAddress(email=f"{name}@a.walk-mail.test") for name in ("app", "ann"))
    created = api.create_email(
        from_=sender, to=[recipient], subject="Hello", text="A text.", html="<p>A text.</p>"
    ).emails[0]
    sdk.until(lambda: api.get_email(email_id=created.id), "sent")
    held = api.create_email(from_=sender, to=[recipient], subject="Hello", text="A text.", html="").emails[0]
    api.cancel_email(email_id=held.id)
    api.list_emails()
    api.get_statistics()

    topic = f"arn:scw:sns:fr-par:project-{domain.project_id}:mail"
    webhook = api.create_webhook(domain_id=domain.id, name="mail", sns_arn=topic, event_types=["email_delivered"])
    api.update_webhook(webhook_id=webhook.id, name="post")
    api.get_webhook(webhook_id=webhook.id)
    api.list_webhooks()
    api.list_webhook_events(webhook_id=webhook.id)
    api.delete_webhook(webhook_id=webhook.id)

    emails = ["bob@example.org"]
    blocked = api.bulk_create_blocklists(domain_id=domain.id, emails=emails, type_="mailbox_full", reason="full")
    api.list_blocklists(domain_id=domain.id)
    api.delete_blocklist(blocklist_id=blocked.blocklists[0].id)

    api.list_offers()
    api.update_offer_subscription(name="scale")
    api.list_offer_subscriptions()
    api.list_pools()
    api.get_project_consumption()
    api.update_project_settings(periodic_report=UpdateProjectSettingsRequestUpdatePeriodicReport(enabled=True))
    api.get_project_settings()
    api.revoke_domain(domain_id=domain.id)
