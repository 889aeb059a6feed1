"""A sandbox of its own for every test module: in this process, on a free port, without machines."""

import socket
import threading

import pytest
import requests
import yaml
from scaleway import Client

from sandbox.app import Sandbox, listen, server
from sandbox.settings import Settings


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """A running `Sandbox`, api_only. Use its `settings`, `store`, `faults`, ... or call it through `api` and `client`."""
    settings = Settings(name="tests", home=tmp_path_factory.mktemp("sandbox"), port=free_port(), api_only=True)
    running = Sandbox(settings)
    http = server(running)
    thread = threading.Thread(target=http.run, kwargs={"sockets": [listen("127.0.0.1", settings.port)]}, daemon=True)
    thread.start()
    yield running
    http.should_exit = True
    thread.join()
    running.close()


@pytest.fixture(scope="module")
def client(sandbox) -> Client:
    """The SDK, as the owner of the organization: `RdbV1API(client)`."""
    profile = yaml.safe_load(sandbox.settings.config.read_text())
    return Client(**{name: value for name, value in profile.items() if name not in ("send_telemetry", "s3_endpoint")})


class Api(requests.Session):
    """HTTP without the SDK: `api.get("/iam/v1alpha1/users")`. `api.token` may be changed."""

    def __init__(self, sandbox: Sandbox, token: str):
        super().__init__()
        self.trust_env = False
        self.base_url = sandbox.settings.api_url
        self.headers["X-Auth-Token"] = token

    def request(self, method, url, *args, **kwargs):
        return super().request(method, self.base_url + url, *args, **kwargs)


@pytest.fixture(scope="module")
def api(sandbox, client) -> Api:
    return Api(sandbox, client.secret_key)
