"""Storage: moto's S3, in this process, with its state kept in SQLite and files so that a restart loses nothing.

Every write is saved before it is answered: the bucket's settings, the object's versions or the upload's parts that it
touched, pickled as moto holds them, contents beside them in files of their own. Everything is under `home`, mode 0700.
"""

import io
import logging
import pickle
import sqlite3
import threading
import uuid
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from moto.moto_server.werkzeug_app import create_backend_app
from moto.s3.models import FakeBucket, FakeKey, MultipartDict, s3_backends
from moto.s3.utils import _VersionedKeyStore
from werkzeug.test import EnvironBuilder, run_wsgi_app

log = logging.getLogger(__name__)

PARTITION = "aws"
SCHEMA = """
pragma journal_mode = wal;
pragma synchronous = normal;
create table if not exists records (bucket text, kind text, name text, state blob, primary key (bucket, kind, name));
create table if not exists contents (file text primary key, bucket text, kind text, name text);
"""


@dataclass
class Answer:
    status: int
    headers: dict  # lower-case names
    body: bytes


class Engine:
    def __init__(self, home):
        self.contents = Path(home) / "contents"
        self.contents.mkdir(parents=True, exist_ok=True, mode=0o700)
        Path(home).chmod(0o700)
        self.app = create_backend_app("s3")
        self.lock = threading.RLock()  # moto's dictionaries are not made for threads
        self.database = sqlite3.connect(Path(home) / "state.sqlite", check_same_thread=False)
        self.database.executescript(SCHEMA)
        self._forget()
        self._load()

    def close(self):
        with self.lock:
            self.database.close()
            self._forget()

    def call(self, account, region, method, path, query, headers, body):
        """Have moto do it as `account`, which owns the bucket. `path` is `/bucket/key`, unquoted; `body` is bytes."""
        headers = dict(headers) | {
            "host": "localhost",  # names the bucket in the path, whatever style the client used
            "x-moto-account-id": account,
            "authorization": f"AWS4-HMAC-SHA256 Credential=checked/20000101/{region}/s3/aws4_request, SignedHeaders=host, Signature=",
        }
        builder = EnvironBuilder(
            method=method,
            path=quote(path, safe="/~"),
            query_string=query,
            headers=list(headers.items()),
            input_stream=io.BytesIO(body),
            content_length=len(body),
        )
        with self.lock, closing(builder):
            chunks, status, answered = run_wsgi_app(self.app, builder.get_environ(), buffered=True)
            return Answer(int(status.split()[0]), {n.lower(): v for n, v in answered.items()}, b"".join(chunks))

    def bucket(self, name):
        """moto's bucket, None if there is none. Its `account_id` is the project's."""
        account = s3_backends.bucket_accounts.get(name)
        return account and self._backend(account[1]).buckets.get(name)

    def key(self, bucket, name, version=None):
        """moto's object, None if there is none or it is deleted."""
        versions = bucket.keys.getlist(name, [])
        found = next((key for key in reversed(versions) if version in (None, key.version_id)), None)
        return found if isinstance(found, FakeKey) else None

    def overview(self):
        """(name, project, region, objects, bytes) of every bucket; versions that are not current count too."""
        with self.lock:
            for name in sorted(s3_backends.bucket_accounts):
                bucket = self.bucket(name)
                keys = [key for key in bucket.keys for key in bucket.keys.getlist(key) if isinstance(key, FakeKey)]
                yield name, bucket.account_id, bucket.region_name, len(keys), sum(key.size for key in keys)

    def save(self, bucket, keys=(), uploads=()):
        """Make what a write touched survive: the bucket's settings, these objects, these uploads."""
        with self.lock:
            with self.database:
                stale = self._save(bucket, keys, uploads)
            self._unlink(stale)  # until it is committed that nothing refers to them, a kill would lose them

    def _save(self, bucket, keys, uploads):
        """Write the records; the files of contents that none refers to any more."""
        stale, held = self._save_bucket(bucket), self.bucket(bucket)
        if held:
            for key in keys:
                stale |= self._put(bucket, "key", key, held.keys.getlist(key) and self._tagged(held, key))
            for upload in uploads:
                stale |= self._put(bucket, "upload", upload, held.multiparts.get(upload))
        return stale

    def _save_bucket(self, name):
        held = self.bucket(name)
        if held is None:
            files = self.database.execute("delete from contents where bucket = ? returning file", [name]).fetchall()
            self.database.execute("delete from records where bucket = ?", [name])
            return {file for (file,) in files}
        state = {field: value for field, value in vars(held).items() if field not in ("keys", "multiparts")}
        return self._put(name, "bucket", "", (state, self._tagger(held).get_tag_dict_for_resource(held.arn)))

    def _tagged(self, bucket, key):
        tagger = self._tagger(bucket)
        return [
            (held, tagger.get_tag_dict_for_resource(held.arn) if isinstance(held, FakeKey) else {})
            for held in bucket.keys.getlist(key)
        ]

    def _put(self, bucket, kind, name, state):
        """Write one record, or remove it when `state` is empty; the files of contents that it referred to and does no more."""
        row = [bucket, kind, name]
        before = self.database.execute(
            "select file from contents where (bucket, kind, name) = (?, ?, ?)", row
        ).fetchall()
        used = set()
        if state:
            written = io.BytesIO()
            _Pickler(written, self.contents, used).dump(state)
            self.database.execute("insert or replace into records values (?, ?, ?, ?)", [*row, written.getvalue()])
            self.database.executemany("insert or ignore into contents values (?, ?, ?, ?)", [[f, *row] for f in used])
        else:
            self.database.execute("delete from records where (bucket, kind, name) = (?, ?, ?)", row)
        stale = {file for (file,) in before} - used
        self.database.executemany("delete from contents where file = ?", [[file] for file in stale])
        return stale

    def _unlink(self, files):
        for file in files:
            (self.contents / file).unlink(missing_ok=True)

    def _load(self):
        for name, _, (state, tags) in self._records("bucket"):
            bucket = FakeBucket.__new__(FakeBucket)
            vars(bucket).update(state, keys=_VersionedKeyStore(), multiparts=MultipartDict())
            s3_backends.bucket_accounts[name] = (PARTITION, bucket.account_id)
            self._backend(bucket.account_id).buckets[name] = bucket
            self._tag(bucket, bucket.arn, tags)
        for name, key, versions in self._records("key"):
            bucket = self.bucket(name)
            bucket.keys.setlist(key, [held for held, _ in versions])
            for held, tags in versions:
                if tags:
                    self._tag(bucket, held.arn, tags)
        for name, upload, parts in self._records("upload"):
            self.bucket(name).multiparts[upload] = parts
        known = {file for (file,) in self.database.execute("select file from contents")}
        self._unlink({file.name for file in self.contents.iterdir()} - known)  # a kill may have come before this

    def _records(self, kind):
        """(bucket, name, state) of a kind. A record whose contents are gone is forgotten."""
        found = "select bucket, name, state from records where kind = ? order by rowid"
        for bucket, name, blob in self.database.execute(found, [kind]).fetchall():
            try:
                yield bucket, name, _Unpickler(io.BytesIO(blob), self.contents).load()
            except FileNotFoundError as error:
                log.error("%s %s of bucket %s is lost: %s", kind, name, bucket, error)
                with self.database:
                    self._unlink(self._put(bucket, kind, name, None))

    def _tag(self, bucket, arn, tags):
        self._tagger(bucket).tag_resource(arn, [{"Key": key, "Value": value} for key, value in tags.items()])

    def _tagger(self, bucket):
        return self._backend(bucket.account_id).tagger

    @staticmethod
    def _backend(account):
        return s3_backends[account][PARTITION]

    @staticmethod
    def _forget():
        """moto keeps its state in the module: one engine per process."""
        s3_backends.clear()
        s3_backends.bucket_accounts.clear()


class _Pickler(pickle.Pickler):
    """Objects go without their contents, which are written once to a file that `used` then names."""

    def __init__(self, file, contents, used):
        super().__init__(file)
        self.contents, self.used = contents, used

    def reducer_override(self, thing):
        if not isinstance(thing, FakeKey):
            return NotImplemented
        if not hasattr(thing, "stored"):
            thing.stored = uuid.uuid4().hex
            (self.contents / thing.stored).write_bytes(thing.value)
        self.used.add(thing.stored)
        left_out = ("_value_buffer", "lock", "multipart")  # the parts of a finished upload are in its contents
        state = {field: value for field, value in vars(thing).items() if field not in left_out}
        return _Stored, (state,)


class _Stored:
    """Stands for a key in a pickle; `_Unpickler` gives it back as the key."""

    def __new__(cls, state):
        raise TypeError("read this with _Unpickler")


class _Unpickler(pickle.Unpickler):
    def __init__(self, file, contents):
        super().__init__(file)
        self.contents = contents

    def find_class(self, module, name):
        return (
            self._key if (module, name) == (_Stored.__module__, _Stored.__name__) else super().find_class(module, name)
        )

    def _key(self, state):
        key = FakeKey.__new__(FakeKey)
        key.__setstate__(state | {"multipart": None, "value": (self.contents / state["stored"]).read_bytes()})
        return key
