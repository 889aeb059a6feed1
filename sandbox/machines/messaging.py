"""Queues and topics: one server of SQS and SNS for all regions and projects of a sandbox."""

from .http import Server
from .mnq.engine import Engine
from .mnq.gateway import Gateway


class Messaging:
    """`start` returns once the server accepts connections at `settings.messaging_url`."""

    def __init__(self, settings):
        self.home = settings.home / "messaging"
        self.url = settings.messaging_url
        self.server = None

    def start(self, identify):
        """`identify(service, access_key)` as `mnq.gateway.Gateway` takes it."""
        self.engine = Engine(self.home)
        self.server = Server(Gateway(self.engine, identify, self.url), self.url, "messaging")

    def queues(self, project_id, region):
        """{name: messages that wait in it} of a project and region."""
        return self.engine.queues(project_id, region)

    def topics(self, project_id, region):
        """Names of the topics of a project and region."""
        return self.engine.topics(project_id, region)

    def stop_all(self):
        if self.server:
            self.server.stop()
            self.engine.close()
            self.server = None


SimulatedMessaging = Messaging  # no container stands behind it: the real one is as cheap
