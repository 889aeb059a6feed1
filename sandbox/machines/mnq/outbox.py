"""Deliveries to subscribers by HTTP, tried again as the default delivery policy of a topic says."""

import json
import logging
import threading
import time

import requests

log = logging.getLogger(__name__)

TRIES, SECONDS_BETWEEN = 4, 20
TIMEOUT = 15  # seconds


def post(url, json, headers):
    """As `requests.post`, whose place it takes in moto, but at once: what a subscriber never takes is lost, as in SNS."""
    threading.Thread(target=_deliver, args=(url, json, headers), name="sns-delivery", daemon=True).start()


def _deliver(url, message, headers):
    headers = headers | {"x-amz-sns-message-type": message["Type"], "x-amz-sns-topic-arn": message["TopicArn"]}
    body = json.dumps(message).encode()
    for tried in range(TRIES):
        if tried:
            time.sleep(SECONDS_BETWEEN)
        try:
            if requests.post(url, data=body, headers=headers, timeout=TIMEOUT).ok:
                return
        except requests.RequestException as error:
            log.info("%s takes no notification: %s", url, error)
