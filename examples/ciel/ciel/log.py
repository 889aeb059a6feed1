"""One JSON object per line on standard output. Callers pass facts, never bodies, headers or addresses of people."""

import datetime
import json
import logging
import sys

LEVELS = {"trace": 10, "debug": 10, "info": 20, "warn": 30, "error": 40, "off": 100}


class JsonFormatter(logging.Formatter):
    def format(self, record):
        line = {
            "time": datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "target": record.name,
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def levels(directives):
    """{logger: level} of a filter as RUST_LOG has it, such as `info,botocore=debug`; what is no such directive is left out.

    A level alone is ciel's: what the libraries tell of their work holds signatures and bodies, so they are named or warn.
    """
    found = {}
    for directive in directives.lower().replace(" ", "").split(","):
        target, _, level = directive.rpartition("=")
        if level in LEVELS:
            found[target.replace("::", ".") or "ciel"] = LEVELS[level]
    return {"": LEVELS["warn"], "ciel": LEVELS["info"]} | found


def configure(directives):
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(handlers=[handler])
    for name, level in levels(directives).items():
        logging.getLogger(name).setLevel(level)


def debug(event, **facts):
    logging.getLogger("ciel").debug(event, extra={"facts": facts})


def info(event, **facts):
    logging.getLogger("ciel").info(event, extra={"facts": facts})


def warning(event, exc_info=None, **facts):
    logging.getLogger("ciel").warning(event, exc_info=exc_info, extra={"facts": facts})
