"""The endpoint of SQS and SNS: who calls, whether they may, and waiting for messages; the engine does the rest.

A request's signature names the service and the region. Shapes: recorded conversations with `sqs.mnq` and `sns.mnq`.
"""

import asyncio
import hashlib
import json
import time
import uuid
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.sax.saxutils import escape

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from .. import signature
from .access import NEEDED

BODY_LIMIT = 1024 * 1024  # bytes; ten messages of a batch have 256 KiB together
REGIONS = ("fr-par", "nl-ams", "pl-waw", "it-mil")
LONGEST_WAIT = 20  # seconds
LOOK_AGAIN = 0.5  # seconds after which a message may have become visible without anybody writing
MISSING_QUEUE = "QueueDoesNotExist"
NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/"
QUERY_CODES = {MISSING_QUEUE: "AWS.SimpleQueueService.NonExistentQueue"}
"""What an error is called in the older protocol, where it has another name there."""


class Refused(Exception):
    def __init__(self, code, message, status=400):
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def denied():
    """One answer to all who may not, whether they are unknown or lack a permission, as recorded of SNS."""
    return Refused("AccessDeniedException", "You do not have sufficient access to perform this action.")


class Ask:
    """A request's action and parameters, in JSON (`X-Amz-Target: AmazonSQS.SendMessage`) or as a form (`Action=…`)."""

    def __init__(self, path, query, headers, body):
        self.headers, self.body = headers, body
        target = headers.get("x-amz-target", "")
        self.is_json = target.startswith("AmazonSQS.")
        if self.is_json:
            self.action = target.removeprefix("AmazonSQS.")
            try:
                self.parameters = json.loads(body or b"{}")
            except ValueError as error:
                raise Refused("MalformedInput", f"not JSON: {error}") from None
            return
        fields = parse_qs(body.decode("utf-8", "replace") or query, keep_blank_values=True)
        self.parameters = {name: values[-1] for name, values in fields.items()}
        self.action = self.parameters.get("Action", "")
        if path.strip("/") and "QueueUrl" not in self.parameters:
            self.parameters["QueueUrl"] = path  # how older clients name the queue

    def number(self, name):
        try:
            return int(self.parameters[name])
        except (KeyError, TypeError, ValueError):
            return None

    def changed(self, **parameters):
        """Content type, target and body of the same request with other parameters."""
        parameters = self.parameters | parameters
        if self.is_json:
            return {"content-type": "application/x-amz-json-1.0"}, json.dumps(parameters).encode()
        form = {name: str(value) for name, value in parameters.items()}
        return {"content-type": "application/x-www-form-urlencoded"}, urlencode(form).encode()

    @property
    def queue_url(self):
        return urlsplit(str(self.parameters.get("QueueUrl") or "")).path.strip("/")

    @property
    def queue_name(self):
        return self.queue_url.rpartition("/")[2] or str(self.parameters.get("QueueName") or "")

    def owners(self):
        """Accounts that own what the request names: `project-<id>`."""
        if owner := self.queue_url.rpartition("/")[0]:
            yield owner
        for name in ("TopicArn", "TargetArn", "SubscriptionArn", "ResourceArn", "Endpoint"):
            value = str(self.parameters.get(name) or "")
            if value.startswith("arn:"):
                yield (value.split(":") + [""] * 5)[4]


class Gateway:
    """ASGI application. `identify(service, access_key)` gives an `access.Caller`, None where there is no such key.

    `url` is where it is reached: what subscribers are asked to visit begins with it.
    """

    def __init__(self, engine, identify, url):
        self.engine, self.identify, self.url = engine, identify, url
        self._news = asyncio.Event()

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        request, request_id = Request(scope, receive), f"tx{uuid.uuid4()}"
        headers = {name: ", ".join(request.headers.getlist(name)) for name in request.headers}
        service = "sqs" if "x-amz-target" in headers else "sns"
        try:
            response, service = await self.answer(request, headers)
        except (Refused, signature.Refused) as refusal:
            error = refusal if isinstance(refusal, Refused) else denied()
            response = self.refusal(error, "x-amz-target" in headers, service, request_id)
        response.headers["x-amzn-requestid"] = request_id
        await response(scope, receive, send)

    async def answer(self, request, headers):
        path = request.scope["raw_path"].decode("latin-1")
        query = request.scope["query_string"].decode("latin-1")
        body = await request.body()
        if len(body) > BODY_LIMIT:
            raise Refused("RequestEntityTooLarge", f"A request has {BODY_LIMIT} bytes at most.", 413)
        ask = Ask(path, query, headers, body)
        if ask.action == "ConfirmSubscription":
            return await run_in_threadpool(self.confirm, ask), "sns"

        claim = signature.read(query, headers, tuple(NEEDED))
        caller = claim and self.identify(claim.service, claim.access_key)
        if caller is None:
            raise denied()
        claim.payload_hash = hashlib.sha256(body).hexdigest()
        signature.verify(claim, caller.secret_key, request.method, path, query, headers)
        if ask.action not in NEEDED[claim.service]:
            raise Refused("InvalidAction", f"The action {ask.action} is not served by the sandbox.")
        if claim.region != caller.region or not caller.may(claim.service, ask.action):
            raise denied()
        if any(owner != f"project-{caller.project_id}" for owner in ask.owners()):
            raise denied()

        if ask.action == "ReceiveMessage":
            answer = await self.receive(ask, caller)
        else:
            answer = await self.call(claim.service, ask, caller)
            self.tell()
        if ask.action == "Subscribe" and answer.status < 300:
            await run_in_threadpool(self.subscribed, ask, caller, answer)
        return self.response(ask, answer), claim.service

    # Messages

    async def receive(self, ask, caller):
        """Wait as long as the request or else the queue says until there are messages; nobody else waits for that."""
        queue = self.engine.queue(caller.project_id, caller.region, ask.queue_name)
        wait = ask.number("WaitTimeSeconds")
        if wait is None and queue is not None:
            wait = queue.receive_message_wait_time_seconds
        if wait is None or not 0 < wait <= LONGEST_WAIT:
            return await self.call("sqs", ask, caller)
        deadline = time.monotonic() + wait
        while True:
            news = self._news
            answer = await self.call("sqs", ask, caller, WaitTimeSeconds=0)
            left = deadline - time.monotonic()
            if answer.status >= 300 or b"ReceiptHandle" in answer.body or left <= 0:
                return answer
            try:
                await asyncio.wait_for(news.wait(), min(left, LOOK_AGAIN))
            except TimeoutError:
                continue

    def tell(self):
        """Those who wait for messages look again."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def call(self, service, ask, caller, **parameters):
        headers, body = ask.changed(**parameters)
        if ask.is_json:
            headers["x-amz-target"] = ask.headers["x-amz-target"]
        touches = (ask.queue_name,) if service == "sqs" else ()
        where = (service, caller.project_id, caller.region, headers, body, ask.headers["host"])
        return await run_in_threadpool(self.engine.call, *where, touches)

    # Topics

    def subscribed(self, ask, caller, answer):
        if str(ask.parameters.get("Protocol")) not in ("http", "https"):
            return
        arn = answer.body.partition(b"<SubscriptionArn>")[2].partition(b"</SubscriptionArn>")[0].decode()
        self.engine.ask_for_confirmation(caller.project_id, caller.region, arn, self.url)

    def confirm(self, ask):
        arn = self.engine.confirm(str(ask.parameters.get("TopicArn")), str(ask.parameters.get("Token")))
        if arn is None:
            raise Refused("InvalidParameter", "Invalid parameter: Token")
        result = f"<ConfirmSubscriptionResult><SubscriptionArn>{arn}</SubscriptionArn></ConfirmSubscriptionResult>"
        body = f'<ConfirmSubscriptionResponse xmlns="{NAMESPACE}">{result}</ConfirmSubscriptionResponse>'
        return Response(body, media_type="text/xml")

    # Answers

    def response(self, ask, answer):
        """moto's answer, with Scaleway's 404 for a queue that is missing."""
        headers = {
            name: value for name, value in answer.headers.items() if name in ("content-type", "x-amzn-query-error")
        }
        if answer.status == 400 and (b"#QueueDoesNotExist" in answer.body or b"NonExistentQueue" in answer.body):
            error = Refused(MISSING_QUEUE, f'Queue "{ask.queue_name}" does not exist.', 404)
            return self.refusal(error, ask.is_json, "sqs", "")
        return Response(answer.body, answer.status, headers)

    @staticmethod
    def refusal(error, is_json, service, request_id):
        code = QUERY_CODES.get(error.code, error.code)
        if is_json:
            body = {"__type": f"com.amazonaws.sqs#{error.code}", "message": error.message}
            headers = {"x-amzn-query-error": f"{code};Sender"}
            return Response(json.dumps(body), error.status, headers, "application/x-amz-json-1.0")
        namespace = NAMESPACE if service == "sns" else "http://queue.amazonaws.com/doc/2012-11-05/"
        told = f"<Type>Sender</Type><Code>{code}</Code><Message>{escape(error.message)}</Message>"
        body = f'<ErrorResponse xmlns="{namespace}"><Error>{told}</Error><RequestId>{request_id}</RequestId></ErrorResponse>'
        return Response(body, error.status, media_type="text/xml")
