"""What distinguishes one sandbox from another. Several can run side by side; everything is derived from these."""

import ipaddress
import os
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    name: str = "stackway"
    """Name of the Docker network, label of every container and volume."""
    home: Path = Path(".sandbox")
    """Folder of the state, the log, the pid and the credentials. Private to the user."""
    port: int = 8055
    """Port of the API, on 127.0.0.1 and on the bridge's gateway."""
    subnet: str = "10.77.0.0/16"
    """The bridge that machines are attached to."""
    api_only: bool = False
    """Answer the API without starting any machine."""

    @classmethod
    def from_env(cls, **overrides) -> "Settings":
        """SANDBOX_NAME, SANDBOX_HOME, SANDBOX_PORT and SANDBOX_SUBNET, else the defaults."""
        found = {field: os.environ[f"SANDBOX_{field.upper()}"] for field in cls.variables() if cls.is_set(field)}
        settings = cls(**found | overrides)
        return replace(settings, home=Path(settings.home).absolute(), port=int(settings.port))

    @staticmethod
    def variables() -> tuple[str, ...]:
        return "name", "home", "port", "subnet"

    @staticmethod
    def is_set(field: str) -> bool:
        return bool(os.environ.get(f"SANDBOX_{field.upper()}"))

    @property
    def gateway(self) -> str:
        """The host's own address on the bridge: data planes listen here on their well-known ports."""
        return str(ipaddress.ip_network(self.subnet)[1])

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def bridge_url(self) -> str:
        """The API, as machines reach it; the host does, too."""
        return f"http://{self.gateway}:{self.port}"

    @property
    def s3_url(self) -> str:
        """Object Storage speaks S3, on an endpoint of its own; beside the API where there is no bridge."""
        return f"http://127.0.0.1:{self.port + 2000}" if self.api_only else f"http://{self.gateway}:9000"

    @property
    def messaging_url(self) -> str:
        """Queues speak SQS and topics SNS, on one endpoint: a request's signature tells which, and the region."""
        return f"http://127.0.0.1:{self.port + 3000}" if self.api_only else f"http://{self.gateway}:9324"

    @property
    def route53_url(self) -> str:
        """Route 53 speaks AWS's API, on an endpoint of its own."""
        return f"http://127.0.0.1:{self.port + 4000}" if self.api_only else f"http://{self.gateway}:5380"

    @property
    def nats_url(self) -> str:
        """The server has an address of its own, below those that machines are given."""
        return f"nats://{ipaddress.ip_network(self.subnet)[4]}:4222"

    @property
    def registry_address(self) -> str:
        """Where images are pulled from by HTTPS; an address below those that machines are given."""
        return str(ipaddress.ip_network(self.subnet)[5])

    @property
    def database(self) -> Path:
        return self.home / "state.db"

    @property
    def config(self) -> Path:
        """An scw configuration file whose default profile is the owner of the sandbox's organization."""
        return self.home / "config.yaml"

    @property
    def aws_config(self) -> Path:
        """An AWS configuration file: the key of the account that has Route 53, and where that is."""
        return self.home / "aws"

    @property
    def ssh_key(self) -> Path:
        """A private key for the owner of the sandbox; its public key has the suffix .pub."""
        return self.home / "id_ed25519"

    @property
    def starting(self) -> Path:
        """Locked while the sandbox starts; the first file in every home, by which one is known."""
        return self.home / "starting"

    @property
    def base_image(self) -> Path:
        """An image to build others from, as `docker load` takes it, for instances that can reach no registry."""
        return self.home / "debian.tar"

    @property
    def pidfile(self) -> Path:
        return self.home / "pid"

    @property
    def log(self) -> Path:
        return self.home / "log"
