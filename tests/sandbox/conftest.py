"""A sandbox of its own for every test module: in this process, on a free port, without machines."""

import pytest
import requests
import yaml
from scaleway import Client

from sandbox.app import Sandbox
from sandbox.server import running
from sandbox.settings import Settings


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """A running `Sandbox`, api_only. Use its `settings`, `store`, `faults`, ... or call it through `api` and `client`."""
    home = tmp_path_factory.mktemp("sandbox")
    with running(Settings(name="tests", home=home, port=0, api_only=True)) as sandbox:
        yield sandbox


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
