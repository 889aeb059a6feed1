"""A registry of images: docker-registry in a container, whose clients show tokens that are signed here.

It speaks TLS, by a certificate of the sandbox's authority, at an address of the bridge. It is published on loopback, too: this
host's Docker neither resolves the sandbox's names nor trusts its authority, and asks neither of a registry on loopback.
"""

import base64
import threading
import time
import uuid
from dataclasses import dataclass, field, replace

import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jwt
from joserfc.jwk import ECKey

from .authority import Authority
from .engine import Engine

SERVICE = "registry"
TOKEN_SECONDS = 300
PAGE = 1000  # repositories, which is as many as it gives
PORT_OFFSET = 3000  # from the port of the API: each sandbox has its own
MANIFESTS = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)
STORAGE = "/var/lib/docker-registry"


@dataclass(frozen=True)
class Access:
    """What a token allows: of `pull`, `push` and `delete` on a repository (`shop/web`), or `*` on the catalog."""

    name: str
    actions: tuple[str, ...]
    type: str = "repository"


@dataclass(frozen=True)
class Image:
    """`size` in bytes, every layer counted once; `tags` as {name: digest}."""

    size: int
    tags: dict[str, str] = field(default_factory=dict)


class SimulatedRegistry:
    """An empty registry that nobody can reach."""

    host = ""
    """What images are named by on this host, `127.0.0.1:11055`; empty where there is no registry."""

    def __init__(self, settings):
        self.settings = settings

    def start(self, realm: str, platform: tuple[str, str], names: tuple[str, ...]):
        """Be ready to run, and to be known by `names`.

        Clients ask for tokens at `realm`; the platform's pulls have this user and password.
        """
        self.platform = platform

    def ensure(self):
        """Run until the sandbox ends; returns once it answers at `host` and at `settings.registry_address`."""

    def token(self, user: str, granted: list[Access]) -> str:
        """What a client shows to the registry to do what is granted."""
        return ""

    def images(self, namespace: str) -> dict[str, Image]:
        """What was pushed below a namespace."""
        return {}

    def remove(self, repository: str, tag: str | None = None):
        """Delete a repository with everything below it, or a tag of it; what does not exist is fine."""


class Registry(SimulatedRegistry):
    def __init__(self, settings):
        super().__init__(settings)
        self.engine = Engine(settings)
        self.authority = Authority(settings)
        self.signer = Authority(replace(settings, home=settings.home / "registry", name=f"{settings.name} registry"))
        self.port = settings.port + PORT_OFFSET
        self.host = f"127.0.0.1:{self.port}"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(self.authority.certificate_file)
        self._starting = threading.Lock()
        self._container = None

    def start(self, realm, platform, names):
        super().start(realm, platform, names)
        self.realm, self.names = realm, names

    def _run(self):
        """A new container: what is configured may have changed, and images are on the volume."""
        certificate, key = self.authority.issue(*self.names, "127.0.0.1")
        files = {self.signer.certificate_file: "ca.pem", certificate: "tls.pem", key: "tls.key"}
        folder = "/etc/docker-registry"
        return self.engine.run(
            "registry",
            "registry",
            address=self.settings.registry_address,
            ports={"443/tcp": ("127.0.0.1", self.port)},
            environment={
                "REGISTRY_HTTP_ADDR": ":443",
                "REGISTRY_HTTP_TLS_CERTIFICATE": f"{folder}/tls.pem",
                "REGISTRY_HTTP_TLS_KEY": f"{folder}/tls.key",
                "REGISTRY_AUTH": "token",
                "REGISTRY_AUTH_TOKEN_REALM": self.realm,
                "REGISTRY_AUTH_TOKEN_SERVICE": SERVICE,
                "REGISTRY_AUTH_TOKEN_ISSUER": self.settings.name,
                "REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE": f"{folder}/ca.pem",
            },
            volumes={str(file.absolute()): {"bind": f"{folder}/{name}", "mode": "ro"} for file, name in files.items()}
            | {self.engine.volume("registry"): {"bind": STORAGE, "mode": "rw"}},
        )

    def ensure(self):
        with self._starting:
            if not self._container:
                container = self._run()
                self.engine.await_answer(container, lambda: self.session.get(f"https://{self.host}/v2/", timeout=2))
                self._container = container
            return self._container

    def token(self, user, granted):
        certificate, key_file = self.signer.issue(SERVICE)
        der = x509.load_pem_x509_certificate(certificate.read_bytes()).public_bytes(Encoding.DER)
        header = {"alg": "ES256", "typ": "JWT", "x5c": [base64.b64encode(der).decode()]}
        now = int(time.time())
        claims = {
            "iss": self.settings.name, "sub": user, "aud": SERVICE, "jti": str(uuid.uuid4()),
            "iat": now, "nbf": now - 10, "exp": now + TOKEN_SECONDS,
            "access": [{"type": each.type, "name": each.name, "actions": list(each.actions)} for each in granted],
        }  # fmt: skip
        return jwt.encode(header, claims, ECKey.import_key(key_file.read_bytes()))

    def images(self, namespace):
        found = {}
        for repository in self._repositories():
            first, _, name = repository.partition("/")
            if first == namespace and (image := self._image(repository)).tags:
                found[name] = image
        return found

    def _repositories(self):
        last, page = "", [""]
        while page:
            page = self._get(f"_catalog?n={PAGE}&last={last}", Access("catalog", ("*",), "registry")).json()[
                "repositories"
            ]
            yield from page
            last = page[-1] if page else ""

    def _image(self, repository):
        listed = self._get(f"{repository}/tags/list", self._pull(repository))
        tags, sizes = {}, {}
        for tag in (listed.json().get("tags") or []) if listed.ok else []:
            manifest = self._get(f"{repository}/manifests/{tag}", self._pull(repository))
            if manifest.ok:
                tags[tag] = manifest.headers["Docker-Content-Digest"]
                sizes |= self._blobs(repository, manifest.json())
        return Image(sum(sizes.values()), tags)

    def _blobs(self, repository, manifest):
        """{digest: bytes} of what a manifest is made of; a list of several platforms' is followed."""
        if "manifests" in manifest:
            inner = [
                self._get(f"{repository}/manifests/{each['digest']}", self._pull(repository))
                for each in manifest["manifests"]
            ]
            return {
                digest: size
                for each in inner
                if each.ok
                for digest, size in self._blobs(repository, each.json()).items()
            }
        return {blob["digest"]: blob["size"] for blob in [manifest["config"], *manifest["layers"]]}

    def remove(self, repository, tag=None):
        part = f"{repository}/_manifests/tags/{tag}" if tag else repository
        container = self.ensure()
        container.exec_run(["rm", "-rf", f"{STORAGE}/docker/registry/v2/repositories/{part}"])

    @staticmethod
    def _pull(repository):
        return Access(repository, ("pull",))

    def _get(self, path, access):
        self.ensure()
        headers = {"Authorization": f"Bearer {self.token('sandbox', [access])}", "Accept": ", ".join(MANIFESTS)}
        return self.session.get(f"https://{self.host}/v2/{path}", headers=headers, timeout=10)
