"""A browser, who looks at systems from outside as the visitor does: GET /_sandbox/browser tells where it is.

It is there from the first question on: its image takes minutes to make, and few ask.
"""

import threading

from ..call import Call
from ..collection import Service, action


class Browser(Service):
    path = "/_sandbox/browser"

    def prepare(self):
        self.starting = threading.Lock()

    @action("GET", "")
    def get(self, call: Call):
        with self.starting:
            return {"container": self.machines.browser.start()}
