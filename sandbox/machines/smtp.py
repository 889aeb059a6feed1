"""SMTP: the relay to which applications hand their mail, and the mailbox that keeps it.

Who may send, and what becomes of a message, is decided by the `Office` that the server is started with.
"""

import asyncio
import email
import email.policy
import json
import logging
import socket
import sqlite3
import threading
import uuid
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from .authority import Authority
from .ports import listen

HOSTNAME = "smtp.tem.scaleway.com"
STARTTLS_PORTS = (25, 587, 2587)
TLS_PORTS = (465, 2465)
MAX_SIZE = 50 * 1024 * 1024  # bytes
SCHEMA = """
CREATE TABLE IF NOT EXISTS mail (
    id TEXT PRIMARY KEY, received_at TEXT NOT NULL, project_id TEXT NOT NULL, sender TEXT NOT NULL,
    recipients TEXT NOT NULL, content BLOB NOT NULL
);
"""

# aiosmtpd cannot know that a connection has TLS from the start, and warns about its own deprecated fields.
warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS", module="aiosmtpd")
logging.getLogger("mail.log").setLevel(logging.ERROR)


class Office(Protocol):
    """The decisions behind the counter; `account` is whatever `authenticate` returned."""

    def authenticate(self, user: str, password: str) -> str | None:
        """The account of these credentials, or None."""

    def refusal(self, account: str, sender: str) -> str | None:
        """Why the account may not send from this address, or None."""

    def accept(self, account: str, sender: str, recipients: list[str], content: bytes):
        """Take charge of a message."""


class Mailbox:
    """Every message that was delivered, in a SQLite file."""

    def __init__(self, path: Path):
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.executescript(SCHEMA)
        self._access = threading.Lock()

    def keep(self, project_id: str, sender: str, recipients: list[str], content: bytes) -> str:
        """Deliver a message to its recipients; its id."""
        id, now = str(uuid.uuid4()), datetime.now(UTC).isoformat()
        row = (id, now, project_id, sender, json.dumps(recipients), content)
        with self._access:
            self._db.execute("INSERT INTO mail VALUES (?, ?, ?, ?, ?, ?)", row)
        return id

    def messages(self, recipient: str | None = None) -> list[dict]:
        """Messages, oldest first: id, received_at, project_id, sender, recipients, headers, subject, text, html,
        attachments [{name, type, size in bytes}], raw."""
        with self._access:
            rows = self._db.execute("SELECT * FROM mail ORDER BY rowid").fetchall()
        found = [_readable(*row) for row in rows]
        return [mail for mail in found if recipient is None or recipient.lower() in map(str.lower, mail["recipients"])]

    def clear(self):
        with self._access:
            self._db.execute("DELETE FROM mail")


def _readable(id, received_at, project_id, sender, recipients, content) -> dict:
    message = email.message_from_bytes(content, policy=email.policy.default)
    bodies = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
    return {
        "id": id,
        "received_at": received_at,
        "project_id": project_id,
        "sender": sender,
        "recipients": json.loads(recipients),
        "subject": str(message.get("Subject", "")),
        "headers": [[name, str(value)] for name, value in message.items()],
        "text": bodies["plain"].get_content().replace("\r\n", "\n") if bodies["plain"] else "",
        "html": bodies["html"].get_content().replace("\r\n", "\n") if bodies["html"] else "",
        "attachments": [
            {
                "name": part.get_filename(),
                "type": part.get_content_type(),
                "size": len(part.get_payload(decode=True) or b""),
            }
            for part in message.iter_attachments()
        ],
        "raw": content.decode(errors="replace"),
    }


class SimulatedSmtp:
    """A mailbox without a server in front of it."""

    def __init__(self, settings):
        self.address = settings.gateway
        self.mailbox = Mailbox(settings.home / "mail.db")

    def start(self, office: Office, ports: dict[int, bool] | None = None):
        """Take mail in on behalf of `office`."""

    def stop_all(self):
        """Take no more mail."""


class Smtp(SimulatedSmtp):
    """The mailbox behind a server on the sandbox's gateway: STARTTLS on 25, 587, 2587, TLS from the start on 465, 2465."""

    def __init__(self, settings):
        super().__init__(settings)
        self.authority = Authority(settings)
        self.ports = dict.fromkeys(STARTTLS_PORTS, False) | dict.fromkeys(TLS_PORTS, True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._servers: list[asyncio.Server] = []

    def start(self, office: Office, ports: dict[int, bool] | None = None):
        """Listen on the service's own ports, or on these: whether each has TLS from the start.

        Raises OSError naming the address when one is taken.
        """
        wanted = (ports or self.ports).items()
        sockets = [(listen(self.address, port, socket.SOCK_STREAM), implicit) for port, implicit in wanted]
        context = self.authority.server_context(HOSTNAME, self.address)
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="smtp", daemon=True).start()
        for listener, implicit in sockets:
            serving = self._serve(office, listener, context, implicit)
            asyncio.run_coroutine_threadsafe(serving, self._loop).result()

    def stop_all(self):
        if self._loop:
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = None

    async def _serve(self, office: Office, listener: socket.socket, context, implicit: bool):
        def session():
            return Server(
                _Counter(office),
                hostname=HOSTNAME,
                ident="Transactional Email sandbox",
                data_size_limit=MAX_SIZE,
                enable_SMTPUTF8=True,
                loop=asyncio.get_running_loop(),
                authenticator=_authenticator(office),
                auth_required=True,
                auth_require_tls=not implicit,
                require_starttls=not implicit,
                tls_context=None if implicit else context,
            )

        loop = asyncio.get_running_loop()
        self._servers.append(await loop.create_server(session, sock=listener, ssl=context if implicit else None))

    async def _close(self):
        for server in self._servers:
            server.close()
        self._servers = []


class Server(SMTP):
    """With the questions of AUTH LOGIN as other servers ask them: there are clients that wait for these words."""

    AuthLoginUsernameChallenge = "Username:"
    AuthLoginPasswordChallenge = "Password:"


def _authenticator(office: Office):
    def authenticate(server, session, envelope, mechanism, credentials):
        if not isinstance(credentials, LoginPassword):
            return AuthResult(success=False, handled=False)
        account = office.authenticate(credentials.login.decode(), credentials.password.decode())
        return AuthResult(success=account is not None, handled=False, auth_data=account)

    return authenticate


class _Counter:
    """What aiosmtpd calls for the commands of one session."""

    def __init__(self, office: Office):
        self.office = office

    async def handle_MAIL(self, server, session, envelope, address, options):
        if reason := self.office.refusal(session.auth_data, address):
            return f"550 5.7.1 {reason}"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_DATA(self, server, session, envelope):
        author = email.message_from_bytes(envelope.original_content, policy=email.policy.default).get("From")
        addresses = [address.addr_spec for address in author.addresses] if author else []
        if not addresses:
            return "550 5.7.1 the message has no From header"
        for address in addresses:
            if reason := self.office.refusal(session.auth_data, address):
                return f"550 5.7.1 {reason}"
        await asyncio.to_thread(
            self.office.accept, session.auth_data, envelope.mail_from, envelope.rcpt_tos, envelope.original_content
        )
        return "250 2.0.0 Ok: queued"
