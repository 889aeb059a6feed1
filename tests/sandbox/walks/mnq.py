"""How to call Messaging."""

from scaleway.mnq.v1beta1.types import SnsPermissions, SqsPermissions


def walk(sdk):
    walk_protocol(sdk("mnq.v1beta1.MnqV1Beta1SqsAPI"), "sqs", SqsPermissions)
    walk_protocol(sdk("mnq.v1beta1.MnqV1Beta1SnsAPI"), "sns", SnsPermissions)
    walk_nats(sdk("mnq.v1beta1.MnqV1Beta1NatsAPI"))


def walk_protocol(api, protocol, permissions):
    def call(verb, noun="credentials", **arguments):
        return getattr(api, f"{verb}_{protocol}{'_' * bool(noun)}{noun}")(**arguments)

    call("activate", "")
    assert call("get", "info").status == "enabled"
    made = call("create", name="walked", permissions=permissions(can_publish=True))
    assert len(made.secret_key) == 64
    this = {f"{protocol}_credentials_id": made.id}
    assert call("get", **this).secret_key == ""
    assert call("update", **this, permissions=permissions(can_manage=True)).permissions.can_manage
    call("list")
    call("delete", **this)
    assert call("deactivate", "").status == "disabled"


def walk_nats(api):
    account = api.create_nats_account(name="walked")
    this = {"nats_account_id": account.id}
    api.get_nats_account(**this)
    api.list_nats_accounts()
    api.update_nats_account(**this, name="renamed")
    made = api.create_nats_credentials(**this, name="walked")
    assert "NATS USER JWT" in made.credentials.content
    assert api.get_nats_credentials(nats_credentials_id=made.id).credentials is None
    assert api.list_nats_credentials(**this).total_count == 1
    api.delete_nats_credentials(nats_credentials_id=made.id)
    api.delete_nats_account(**this)
