"""Route 53: hosted zones of an AWS account. moto answers the API and keeps the records, another server answers questions about them."""

import hashlib
import io
import pickle
import threading
from contextlib import closing
from pathlib import Path
from xml.sax.saxutils import escape

from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import create_backend_app
from moto.route53.models import route53_backends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from werkzeug.test import EnvironBuilder, run_wsgi_app

from . import signature
from .dns import Record
from .http import Server

NAMESPACE = "https://route53.amazonaws.com/doc/2013-04-01/"
MESSAGES = {
    "InvalidClientTokenId": "The security token included in the request is invalid.",
    "SignatureDoesNotMatch": "The request signature we calculated does not match the signature you provided.",
}
ENDS_IN_NAME = ("CNAME", "MX", "NS", "PTR", "SRV")
DEFAULT_TTL = 300  # seconds; moto knows none for the records that a zone is born with


class Route53:
    """`start` returns once the server accepts connections at `settings.route53_url`. Every write is on disk before it is answered."""

    def __init__(self, settings):
        self.url = settings.route53_url
        self.file = settings.home / "route53.pickle"
        self.server = None

    def start(self, access_key, secret_key, changed):
        """Serve whoever signs with this key. `changed(zones)` is told all zones, {name: its records}, now and after every write."""
        self.key, self.changed = (access_key, secret_key), changed
        self.app, self.lock = create_backend_app("route53"), threading.RLock()
        self.backend = route53_backends[DEFAULT_ACCOUNT_ID]["aws"]
        self.backend.zones = pickle.loads(self.file.read_bytes()) if self.file.exists() else {}
        changed(self.zones())
        self.server = Server(self, self.url, "route53")

    def zones(self) -> dict[str, list[Record]]:
        """What a name server can answer: simple records; aliases and routing policies are kept, and not served."""
        return {
            zone.name.rstrip("."): [
                _record(zone, rrset, value)
                for rrset in zone.rrsets
                if rrset.records and not rrset.set_identifier and rrset.type != "SOA"
                for value in rrset.records
            ]
            for zone in self.backend.zones.values()
            if not zone.private_zone
        }

    def stop_all(self):
        if self.server:
            self.server.stop()
            self.server = None

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        response = await run_in_threadpool(self.answer, request, await request.body())
        await response(scope, receive, send)

    def answer(self, request: Request, body: bytes) -> Response:
        path, query = (request.scope[part].decode("latin-1") for part in ("raw_path", "query_string"))
        headers = dict(request.headers)
        try:
            self.authenticate(request.method, path, query, headers, body)
        except signature.Refused as refusal:
            told = f"<Code>{refusal.code}</Code><Message>{escape(refusal.message or MESSAGES[refusal.code])}</Message>"
            error = f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>Sender</Type>{told}</Error></ErrorResponse>'
            return Response(error, 403, media_type="text/xml")
        with self.lock:
            status, answered, content = self.call(request.method, path, query, headers, body)
            if request.method != "GET" and status < 300:
                self.save()
                self.changed(self.zones())
        kept = {name: value for name, value in answered.items() if name.lower() in ("content-type", "location")}
        return Response(content, status, kept)

    def authenticate(self, method, path, query, headers, body):
        access_key, secret_key = self.key
        claim = signature.read(query, headers, ("route53",))
        if claim is None or claim.access_key != access_key:
            raise signature.Refused("InvalidClientTokenId")
        claim.payload_hash = hashlib.sha256(body).hexdigest()
        signature.verify(claim, secret_key, method, path, query, headers)

    def call(self, method, path, query, headers, body):
        """(status, headers, body) of moto's answer."""
        headers |= {"x-moto-account-id": DEFAULT_ACCOUNT_ID}
        builder = EnvironBuilder(
            method=method, path=path, query_string=query, headers=list(headers.items()), input_stream=io.BytesIO(body)
        )
        with closing(builder):
            chunks, status, answered = run_wsgi_app(self.app, builder.get_environ(), buffered=True)
            return int(status.split()[0]), dict(answered), b"".join(chunks)

    def save(self):
        part = Path(f"{self.file}.part")
        part.touch(mode=0o600)
        part.write_bytes(pickle.dumps(self.backend.zones))
        part.replace(self.file)


def _record(zone, rrset, value: str) -> Record:
    """As the DNS server takes it: names are relative to the zone, what they say is absolute."""
    name = rrset.name.rstrip(".").replace("\\052", "*").removesuffix(zone.name.rstrip(".")).rstrip(".")
    data = f"{value.rstrip('.')}." if rrset.type in ENDS_IN_NAME else value
    return Record(name, rrset.type, data, int(rrset.ttl or DEFAULT_TTL))


SimulatedRoute53 = Route53  # no container stands behind it: the real one is as cheap
