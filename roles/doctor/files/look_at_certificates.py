"""Looks at the certificates that names are served with, as a browser does; a JSON list of names in, a list of what was seen out."""

import json
import socket
import ssl
import sys
import time

DAY = 86400


def look(name: str) -> dict:
    try:
        with (
            socket.create_connection((name, 443), timeout=10) as connection,
            ssl.create_default_context().wrap_socket(connection, server_hostname=name) as secured,
        ):
            certificate = secured.getpeercert()
    except ssl.SSLCertVerificationError as error:
        return {"name": name, "error": error.verify_message}
    except OSError as error:
        return {"name": name, "error": error.strerror or str(error)}
    begin, end = (ssl.cert_time_to_seconds(certificate[field]) for field in ("notBefore", "notAfter"))
    issuer = {key: value for part in certificate["issuer"] for key, value in part}
    named = issuer.get("organizationName") or issuer.get("commonName", "")
    return {"name": name, "days": (end - time.time()) / DAY, "lifetime": (end - begin) / DAY, "issuer": named}


print(json.dumps([look(name) for name in json.load(sys.stdin)]))
