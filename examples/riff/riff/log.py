"""One JSON object per line on standard output. Callers pass facts, never bodies, headers or addresses of people."""

import datetime
import json
import logging
import os
import sys


class JsonFormatter(logging.Formatter):
    def format(self, record):
        line = {
            "time": datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def configure():
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"), handlers=[handler])


def info(event, **facts):
    logging.getLogger("riff").info(event, extra={"facts": facts})


def warning(event, **facts):
    logging.getLogger("riff").warning(event, extra={"facts": facts})
