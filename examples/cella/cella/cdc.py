"""The CDC worker: reads every change of the publication from a replication slot, and pushes it to the API.

The slot moves on only when the API has stored a change. Whatever stops in between, nothing is lost: PostgreSQL sends again what was not
confirmed, and the API knows what it has.
"""

import contextlib
import json
import select
import ssl
import threading
import time

import psycopg2
import uvicorn
import websockets.sync.client
from psycopg2.errors import DuplicateObject, ObjectInUse, UndefinedObject
from psycopg2.extras import LogicalReplicationConnection
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from websockets.exceptions import WebSocketException

from .pgoutput import Begin, Change, Commit, Decoder

PUBLICATION = "cella"
BATCH = 200  # changes that are pushed at a time
ANSWER_SECONDS = 30  # that the API may take: it may have to start
FEEDBACK_SECONDS = 5  # between two reports to the server, which gives up after a minute without
AGAIN_SECONDS = 1, 10  # the least and the most between two attempts
LAG_SECONDS = 1
LAG = """SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::bigint FROM pg_replication_slots WHERE slot_name = %s"""
# Neither temporary nor for prepared transactions; a standby that takes over has it, too.
CREATE_SLOT = "SELECT lsn FROM pg_create_logical_replication_slot(%s, 'pgoutput', false, false, true)"
SILENCE_SECONDS = 60  # after which a worker that can do nothing is not healthy


class Worker:
    """`status` is starting, waiting (for migrations, or for the slot that another replica has), streaming, pushing or failing."""

    def __init__(self, settings):
        self.settings = settings
        self.status, self.error = "starting", None
        self.well_at = time.monotonic()
        self.pushed = 0
        self.stopping = threading.Event()
        self._api, self._api_used = None, 0.0
        self._asking, self._asked, self._found = threading.Lock(), 0.0, None

    def run(self):
        delay = AGAIN_SECONDS[0]
        while not self.stopping.is_set():
            try:
                self._stream()
            except (ObjectInUse, NoPublication):
                self._note("waiting")
                delay = AGAIN_SECONDS[0]
            except (psycopg2.Error, OSError, WebSocketException, TimeoutError) as error:
                if self.status in ("streaming", "pushing"):
                    delay = AGAIN_SECONDS[0]
                # By its kind: a message of libpq or of a handshake may hold an address with its password.
                self.status, self.error = "failing", type(error).__name__
                print(f"cdc: {self.error}, again in {delay} s")
                self.stopping.wait(delay)
                delay = min(delay * 2, AGAIN_SECONDS[1])
            else:
                delay = AGAIN_SECONDS[0]
            finally:
                self._hang_up()
            self.stopping.wait(AGAIN_SECONDS[0] if self.status == "waiting" else 0)

    def _note(self, status):
        if status != self.status:
            print(f"cdc: {status}")
        self.status, self.error, self.well_at = status, None, time.monotonic()

    # From the database

    def _stream(self):
        connection = psycopg2.connect(
            self.settings.database_url_direct, connection_factory=LogicalReplicationConnection, connect_timeout=10
        )
        with contextlib.closing(connection), connection.cursor() as cursor:
            options = {"proto_version": "1", "publication_names": PUBLICATION}
            start = {"slot_name": self.settings.slot, "options": options, "status_interval": FEEDBACK_SECONDS}
            try:
                cursor.start_replication(**start)
            except UndefinedObject:  # a slot that is older than the publication would never find it
                if not self._ask("SELECT 1 FROM pg_publication WHERE pubname = %s", PUBLICATION):
                    raise NoPublication from None
                with contextlib.suppress(DuplicateObject):
                    self._ask(CREATE_SLOT, self.settings.slot)
                cursor.start_replication(**start)
            self._note("streaming")
            decoder, batch = Decoder(), Batch()
            while not self.stopping.is_set():
                message = cursor.read_message()
                if message is None:
                    self._wait(cursor)
                    continue
                for event in decoder.decode(message.payload):
                    self._take(event, batch, cursor)

    def _wait(self, cursor):
        self._note("streaming")
        readable, _, _ = select.select([cursor], [], [], 1)
        if not readable and self._api and time.monotonic() - self._api_used > self.settings.ws_idle_seconds:
            self._hang_up()  # an API that nobody else uses may stop

    def _take(self, event, batch, cursor):
        match event:
            case Begin():
                batch.begin(event.lsn)
            case Change():
                batch.add(event)
                if len(batch.changes) >= BATCH:
                    self._push(batch)
            case Commit():
                self._push(batch)
                cursor.send_feedback(flush_lsn=event.end, reply=False, force=True)

    # To the API

    def _push(self, batch):
        if not batch.changes:
            return
        self._note("pushing")
        if self._api is None:
            self._api = self._connect()
        self._api.send(json.dumps({"lsn": batch.lsn, "changes": batch.changes}))
        answer = json.loads(self._api.recv(timeout=ANSWER_SECONDS))
        if answer["lsn"] != batch.lsn:
            raise OSError("the API answered something else")
        self._api_used = time.monotonic()
        self.pushed += len(batch.changes)
        batch.changes.clear()

    def _connect(self):
        given = self.settings
        context = ssl.create_default_context(cadata=given.ws_ca) if given.ws_url.startswith("wss:") else None
        headers = {"Authorization": f"Bearer {given.ws_secret}"}
        return websockets.sync.client.connect(
            given.ws_url, ssl=context, additional_headers=headers, open_timeout=ANSWER_SECONDS, max_size=65536
        )

    def _hang_up(self):
        if self._api:
            self._api.close()
            self._api = None

    # For whoever asks

    def health(self, request):
        silent = time.monotonic() - self.well_at
        answer = {"status": self.status, "error": self.error, "version": self.settings.version, "pushed": self.pushed}
        answer |= {"slot": self.settings.slot, "lag_bytes": self.lag()}
        return JSONResponse(answer, 200 if silent < SILENCE_SECONDS else 503)

    def lag(self):
        """Bytes of the log that the slot has yet to confirm; None where there is no slot, or nobody to ask.

        Whoever asks often is told what was found a moment ago.
        """
        with self._asking:
            if time.monotonic() - self._asked > LAG_SECONDS:
                with contextlib.suppress(psycopg2.Error):
                    self._found = None
                    self._found = self._ask(LAG, self.settings.slot)
                self._asked = time.monotonic()
            return self._found

    def _ask(self, query, *values):
        """The first value of the answer, if there is any."""
        connection = psycopg2.connect(self.settings.database_url_direct, connect_timeout=3)
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(query, values)
            row = cursor.fetchone()
            connection.commit()
            return row and row[0]


class NoPublication(Exception):
    """The API has not migrated the database yet."""


class Batch:
    """Changes of one transaction, numbered in it."""

    def __init__(self):
        self.begin(0)

    def begin(self, lsn):
        self.lsn, self.changes, self._number = f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}", [], 0

    def add(self, change):
        self.changes.append({"number": self._number, "kind": change.kind, "table": change.table, "row": change.row})
        self._number += 1


def serve(settings):
    worker = Worker(settings)
    thread = threading.Thread(target=worker.run, name="cdc", daemon=True)
    host, port = settings.http_address
    print(f"cdc: version {settings.version}, slot {settings.slot}")
    thread.start()
    app = Starlette(routes=[Route("/cdc/health", worker.health)])
    uvicorn.run(app, host=host, port=port, log_level="warning", server_header=False, timeout_graceful_shutdown=5)
    worker.stopping.set()
    thread.join(5)
