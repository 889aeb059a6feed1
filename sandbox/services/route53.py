"""Route 53: an AWS account beside Scaleway's, for systems whose domain is there. Its records are answered by the sandbox's DNS.

The API itself is AWS's, served by machines/route53.py. What it does not do, and why: docs/sandbox.md#route-53.
"""

import os
import secrets
import string

from ..collection import Service, action

CONFIG = """\
[default]
region = us-east-1
aws_access_key_id = {access_key}
aws_secret_access_key = {secret_key}
endpoint_url = {url}
"""


class Route53(Service):
    """Starts with the sandbox; the admin API tells which zones there are."""

    path = "/_sandbox/route53"

    def prepare(self):
        if not self.settings.api_only:
            self.machines.engine.ensure_network()  # it listens on the bridge's gateway
        key = self._key()
        self.published = set()
        self.machines.route53.start(key["access_key"], key["secret_key"], self.publish)
        descriptor = os.open(self.settings.aws_config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(CONFIG.format(**key, url=self.settings.route53_url))

    def _key(self) -> dict:
        """The account's only access key."""
        if not (key := self.store.get("sandbox.aws_key", "only")):
            letters = string.ascii_uppercase + string.digits
            access_key = "AKIA" + "".join(secrets.choice(letters) for _ in range(16))
            key = {"access_key": access_key, "secret_key": secrets.token_urlsafe(30), "_scope": ""}
            self.store.put("sandbox.aws_key", "", "only", key)
        return {name: key[name] for name in ("access_key", "secret_key")}

    def publish(self, zones: dict):
        for name in self.published - zones.keys():
            self.machines.dns.withdraw(name)
        for name, records in zones.items():
            self.machines.dns.publish(name, records)
        self.published = set(zones)

    @action("GET", "")
    def overview(self, call):
        zones = {name: len(records) for name, records in self.machines.route53.zones().items()}
        return {"url": self.settings.route53_url, "zones": zones}
