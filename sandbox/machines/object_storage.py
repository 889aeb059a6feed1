"""Object Storage: one S3 server for all regions and projects of a sandbox."""

from .http import Server
from .s3.engine import Engine
from .s3.gateway import Gateway


class ObjectStorage:
    """`start` returns once the server accepts connections at `settings.s3_url`."""

    def __init__(self, settings):
        self.home = settings.home / "object_storage"
        self.url = settings.s3_url
        self.server = None

    def start(self, identify, fault):
        """`identify(access_key, project_id)` and `fault(method, path)` as `s3.gateway.Gateway` takes them."""
        self.engine = Engine(self.home)
        self.server = Server(Gateway(self.engine, identify, fault), self.url, "object-storage")

    def buckets(self):
        """[(name, project, region, objects, bytes)] of all buckets."""
        return self.engine.overview()

    def stop_all(self):
        if self.server:
            self.server.stop()
            self.engine.close()
            self.server = None


SimulatedObjectStorage = ObjectStorage  # no container stands behind it: the real one is as cheap
