"""The sandbox's ACME authority: it runs as long as the sandbox does. GET /_sandbox/acme tells where."""

import logging
import threading

from ..call import Call
from ..collection import Service, action
from ..machines.acme import DIRECTORY, HOSTNAME
from ..machines.dns import Record

log = logging.getLogger(__name__)


class Acme(Service):
    path = "/_sandbox/acme"

    def prepare(self):
        """In the background: the first start makes its image."""
        self.state = {"directory": DIRECTORY, "status": "starting"}
        threading.Thread(target=self._start, args=[self.machines.dns], name="acme", daemon=True).start()

    def _start(self, dns):
        try:
            address = self.machines.acme.start()
        except Exception as error:  # Docker's, the authority's: whatever it is, the state tells it
            log.exception("the ACME authority did not start")
            self.state |= {"status": "error", "error": str(error)}
            return
        dns.publish(HOSTNAME, [Record("", "A", address)])
        self.state |= {"status": "ready", "address": address}

    @action("GET", "")
    def get(self, call: Call):
        return self.state
