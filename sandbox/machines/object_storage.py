"""Object Storage: one S3 server for all regions and projects of a sandbox."""

import threading
import time

import uvicorn

from .s3.engine import Engine
from .s3.gateway import Gateway


class ObjectStorage:
    """`start` returns once the server accepts connections on `host:port`."""

    def __init__(self, home, host, port):
        self.home, self.host, self.port = home, host, port
        self.server = None

    def start(self, identify):
        """`identify(access_key)` -> `s3.access.Caller`, None where there is no such key."""
        self.engine = Engine(self.home)
        gateway = Gateway(self.engine, identify)
        self.server = uvicorn.Server(
            uvicorn.Config(
                gateway, host=self.host, port=self.port, lifespan="off", log_config=None, server_header=False
            )
        )
        self.thread = threading.Thread(target=self.server.run, name="object-storage", daemon=True)
        self.thread.start()
        while not self.server.started:
            if not self.thread.is_alive():
                raise RuntimeError(f"Object Storage cannot listen on {self.host}:{self.port}")
            time.sleep(0.01)

    def stop(self):
        if self.server:
            self.server.should_exit = True
            self.thread.join()
            self.engine.close()
            self.server = None
