"""Mail over SMTP with STARTTLS."""

from email.message import EmailMessage
from email.utils import formatdate, make_msgid

import aiosmtplib


async def send_password_reset(settings, address, token):
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = address
    message["Subject"] = "Reset your riff password"
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=settings.mail_from.rpartition("@")[2])
    message.set_content(
        "Someone asked to reset the password of your riff account. If it was you, use this code within the hour:\n\n"
        f"    {token}\n\n"
        f"at {settings.public_url}/password-reset/confirm. If it was not you, there is nothing to do.\n"
    )
    await aiosmtplib.send(
        message,
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_user,
        password=settings.smtp_password,
        start_tls=True,
        tls_context=settings.tls(),
        timeout=15,
    )
