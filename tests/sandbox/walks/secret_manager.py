import base64


def walk(sdk):
    api = sdk("secret.v1beta1.SecretV1Beta1API")
    secret = api.create_secret(name="walked", protected=True, path="/walks/here", tags=["walked"])
    api.get_secret(secret_id=secret.id)
    api.list_secrets(scheduled_for_deletion=False)
    api.browse_secrets(prefix="/walks")
    api.browse_secrets(prefix="/walks/here")
    api.list_tags()
    api.list_secret_types()
    api.update_secret(secret_id=secret.id, description="again")
    api.add_secret_owner(secret_id=secret.id, product="edge_services")

    one = {"secret_id": secret.id, "revision": "1"}
    api.create_secret_version(secret_id=secret.id, data=base64.b64encode(b"walked").decode())
    api.get_secret_version(**one)
    api.list_secret_versions(secret_id=secret.id)
    api.update_secret_version(**one, description="again")
    api.access_secret_version(**one)
    api.access_secret_version_by_path(secret_path="/walks/here", secret_name="walked", revision="latest")
    api.disable_secret_version(**one)
    api.enable_secret_version(**one)
    api.delete_secret_version(**one)
    api.restore_secret_version(**one)

    api.unprotect_secret(secret_id=secret.id)
    api.protect_secret(secret_id=secret.id)
    api.unprotect_secret(secret_id=secret.id)
    api.delete_secret(secret_id=secret.id)
    api.restore_secret(secret_id=secret.id)
    api.delete_secret(secret_id=secret.id)
