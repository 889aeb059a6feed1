"""Whether Redis or the API answers there: `answers.py HOST PORT`; exit status 1 if it does.

That something takes the connection tells nothing: where this runs, a private address may be somebody else's.
"""

import socket
import sys

REDIS = (b"-", b"+", b"\x15")  # an error, an answer, an alert of TLS
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=3) as connection:
        connection.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        answer = connection.recv(1024)
except OSError:
    sys.exit()
sys.exit(answer.startswith(REDIS) or b" 200 " in answer.partition(b"\r\n")[0])
