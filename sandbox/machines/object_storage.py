"""Object Storage: one S3 server for all regions and projects of a sandbox."""

import socket
import threading
import time
from urllib.parse import urlsplit

import uvicorn

from .ports import listen
from .s3.engine import Engine
from .s3.gateway import Gateway


class ObjectStorage:
    """`start` returns once the server accepts connections at `settings.s3_url`."""

    def __init__(self, settings):
        self.home = settings.home / "object_storage"
        address = urlsplit(settings.s3_url)
        self.host, self.port = address.hostname, address.port
        self.server = None

    def start(self, identify):
        """`identify(access_key, project_id)` as `s3.gateway.Gateway` takes it."""
        listener = listen(self.host, self.port, socket.SOCK_STREAM)
        self.engine = Engine(self.home)
        gateway = Gateway(self.engine, identify)
        config = uvicorn.Config(gateway, lifespan="off", log_config=None, access_log=False, server_header=False)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, args=([listener],), name="object-storage", daemon=True)
        self.thread.start()
        while not self.server.started:
            if not self.thread.is_alive():
                raise RuntimeError(f"Object Storage does not start at {self.host}:{self.port}")
            time.sleep(0.01)

    def buckets(self):
        """[(name, project, region, objects, bytes)] of all buckets."""
        return self.engine.overview()

    def stop_all(self):
        if self.server:
            self.server.should_exit = True
            self.thread.join()
            self.engine.close()
            self.server = None


SimulatedObjectStorage = ObjectStorage  # no container stands behind it: the real one is as cheap
