"""An HTTP server in a thread of this process, for data planes that speak HTTP."""

import socket
import threading
import time
from urllib.parse import urlsplit

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from .ports import listen


class Protocol(H11Protocol):
    """Lets the application see its connection (`request.state.transport`), to be able to drop it."""

    def connection_made(self, transport):
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Server:
    """Serves an ASGI application at a URL (`http://<address>:<port>`) once it is made, until `stop`.

    Raises OSError where the port is taken.
    """

    def __init__(self, application, url, name):
        address = urlsplit(url)
        listener = listen(address.hostname, address.port, socket.SOCK_STREAM)
        config = uvicorn.Config(
            application, http=Protocol, lifespan="off", log_config=None, access_log=False, server_header=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name=name, daemon=True)
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError(f"{name} does not start at {url}")
            time.sleep(0.01)

    def stop(self):
        self._server.should_exit = True
        self._thread.join()
