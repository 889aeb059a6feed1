"""The sandbox's visitor, who looks at systems from outside. GET /_sandbox/visitor tells whether it is there."""

import logging
import threading

from ..call import Call
from ..collection import Service, action

log = logging.getLogger(__name__)


class Visitor(Service):
    path = "/_sandbox/visitor"

    def prepare(self):
        """In the background: the first start makes its image."""
        self.state = {"status": "starting"}
        threading.Thread(target=self._start, name="visitor", daemon=True).start()

    def _start(self):
        try:
            self.state = {"status": "ready", "container": self.machines.visitor.start()}
        except Exception as error:  # Docker's: whatever it is, the state tells it
            log.exception("the visitor did not start")
            self.state = {"status": "error", "error": str(error)}

    @action("GET", "")
    def get(self, call: Call):
        return self.state
