"""Whether a mail is what its sender's domain vouches for: `check_mail.py ADDRESS:PORT` of a DNS server, the message on stdin.

The signature must be that of the domain's DKIM key, and the domain's SPF record must name Transactional Email.
"""

import sys
from email import message_from_bytes
from email.utils import parseaddr

import dkim
import dns.resolver

SPF = "include:_spf.tem.scaleway.com"


def main():
    resolver = dns.resolver.Resolver(configure=False)
    address, _, port = sys.argv[1].partition(":")
    resolver.nameservers, resolver.port = [address], int(port or 53)

    def texts(name: str) -> list[bytes]:
        return [b"".join(record.strings) for record in resolver.resolve(name, "TXT")]

    content = sys.stdin.buffer.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    domain = parseaddr(message_from_bytes(content)["From"])[1].rpartition("@")[2]
    if not dkim.verify(content, dnsfunc=lambda name, timeout=5: texts(name.decode())[0]):
        sys.exit("the DKIM signature does not fit the key in the DNS")
    if not any(text.startswith(b"v=spf1") and SPF.encode() in text for text in texts(domain)):
        sys.exit(f"the SPF record of {domain} does not name Transactional Email")


main()
