"""The SMTP server alone: TLS, authentication, who may send, and what the mailbox kept."""

import base64
import smtplib
import socket
import ssl
from email.message import EmailMessage
from types import SimpleNamespace

import pytest

from sandbox.machines.authority import Authority
from sandbox.machines.smtp import Smtp


class Office:
    """Knows one account, which may send from example.net."""

    def __init__(self, smtp):
        self.mailbox = smtp.mailbox

    def authenticate(self, user, password):
        return user if (user, password) == ("project", "secret") else None

    def refusal(self, account, sender):
        return None if sender.endswith("@example.net") else f"{sender} is not yours"

    def accept(self, account, sender, recipients, content):
        self.mailbox.keep(account, sender, recipients, content)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return SimpleNamespace(name="test", home=tmp_path_factory.mktemp("home"), gateway="127.0.0.1")


@pytest.fixture(scope="module")
def server(settings):
    server = Smtp(settings)
    server.starttls, server.implicit = free_port(), free_port()
    server.ports = {server.starttls: False, server.implicit: True}
    server.start(Office(server))
    yield server
    server.stop_all()


@pytest.fixture
def mailbox(server):
    server.mailbox.clear()
    return server.mailbox


@pytest.fixture(params=["starttls", "implicit"])
def session(request, server, settings):
    trust = ssl.create_default_context(cafile=settings.home / "ca.pem")
    if request.param == "implicit":
        client = smtplib.SMTP_SSL("127.0.0.1", server.implicit, context=trust, timeout=10)
    else:
        client = smtplib.SMTP("127.0.0.1", server.starttls, timeout=10)
        client.starttls(context=trust)
    with client:
        yield client


def message(sender="app@example.net", recipient="ann@example.org"):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"App <{sender}>", recipient, "Zurücksetzen"
    mail.set_content("Your code is 42.\n")
    mail.add_alternative("<p>42</p>", subtype="html")
    mail.add_attachment(b"12345", maintype="application", subtype="pdf", filename="terms.pdf")
    return mail


def test_a_message_arrives_as_it_was_sent(session, mailbox):
    session.login("project", "secret")
    session.send_message(message())
    [mail] = mailbox.messages("ANN@example.org")
    assert (mail["sender"], mail["project_id"]) == ("app@example.net", "project")
    assert mail["recipients"] == ["ann@example.org"]
    assert (mail["subject"], mail["text"], mail["html"].strip()) == ("Zurücksetzen", "Your code is 42.\n", "<p>42</p>")
    assert mail["attachments"] == [{"name": "terms.pdf", "type": "application/pdf", "size": 5}]
    assert mailbox.messages("bob@example.org") == []


@pytest.mark.parametrize("credentials", [("project", "wrong"), ("other", "secret")])
def test_wrong_credentials_are_refused(session, credentials):
    with pytest.raises(smtplib.SMTPAuthenticationError) as refusal:
        session.login(*credentials)
    assert refusal.value.smtp_code == 535


def test_login_asks_in_the_words_that_clients_wait_for(session):
    """Alertmanager's does."""
    session.ehlo()
    asked = session.docmd("AUTH", "LOGIN")
    assert (asked[0], base64.b64decode(asked[1])) == (334, b"Username:")
    asked = session.docmd(base64.b64encode(b"project").decode())
    assert (asked[0], base64.b64decode(asked[1])) == (334, b"Password:")
    assert session.docmd(base64.b64encode(b"secret").decode())[0] == 235


def test_nothing_is_accepted_without_authentication(session, mailbox):
    with pytest.raises(smtplib.SMTPSenderRefused) as refusal:
        session.send_message(message())
    assert refusal.value.smtp_code == 530
    assert mailbox.messages() == []


def test_a_foreign_sender_is_refused(session, mailbox):
    session.login("project", "secret")
    with pytest.raises(smtplib.SMTPSenderRefused, match="is not yours"):
        session.send_message(message(sender="app@example.com"))
    with pytest.raises(smtplib.SMTPDataError, match="is not yours"):
        session.send_message(message(sender="app@example.com"), from_addr="app@example.net")
    assert mailbox.messages() == []


def test_a_password_is_not_taken_in_the_clear(server):
    with smtplib.SMTP("127.0.0.1", server.starttls, timeout=10) as client:
        client.ehlo()
        assert not client.has_extn("auth")
        with pytest.raises(smtplib.SMTPException):
            client.login("project", "secret")


def test_mail_survives_a_restart(settings, mailbox):
    mailbox.keep("project", "a@example.net", ["b@example.org"], message().as_bytes())
    again = Smtp(settings)
    assert [mail["sender"] for mail in again.mailbox.messages()] == ["a@example.net"]


def test_the_root_is_made_once_and_its_key_is_private(settings, server):
    root = (settings.home / "ca.pem").read_bytes()
    assert Authority(settings).certificate_file.read_bytes() == root
    assert (settings.home / "ca.key").stat().st_mode & 0o077 == 0
    assert Authority(settings).issue("a.test") == Authority(settings).issue("a.test")
