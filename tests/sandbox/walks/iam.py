from scaleway.iam.v1alpha1.types import RuleSpecs

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB1ot6MnCgDYzsfpo7MDlFOM4NCxSXtXXH30fEb2LKB1 walk"

NOT_SENT = {"Group.all_users", "Group.all_applications"}  # in no recorded answer


def walk(sdk):
    api = sdk("iam.v1alpha1.IamV1Alpha1API")
    application = api.create_application(name="walked", description="")
    api.get_application(application_id=application.id)
    api.list_applications()
    api.update_application(application_id=application.id, tags=["walked"])

    key = api.create_api_key(description="walked", application_id=application.id)
    assert key.secret_key
    assert api.get_api_key(access_key=key.access_key).secret_key is None
    api.list_api_keys(bearer_id=application.id)
    api.update_api_key(access_key=key.access_key, description="again")

    users = api.list_users()
    api.get_user(user_id=users.users[0].id)

    group = api.create_group(name="walked", description="")
    api.get_group(group_id=group.id)
    api.list_groups()
    api.update_group(group_id=group.id, description="again")
    api.set_group_members(group_id=group.id, user_ids=[users.users[0].id], application_ids=[])
    api.add_group_member(group_id=group.id, application_id=application.id)
    api.add_group_members(group_id=group.id, user_ids=[], application_ids=[application.id])
    api.remove_group_member(group_id=group.id, application_id=application.id)

    # project_ids is [] unless said, and wins over the organization
    everywhere = {"project_ids": None, "organization_id": application.organization_id}
    rule = RuleSpecs(condition="", permission_set_names=["AllProductsReadOnly"], **everywhere)
    policy = api.create_policy(name="walked", description="", application_id=application.id, rules=[rule])
    api.get_policy(policy_id=policy.id)
    api.list_policies(policy_name="walked")
    api.update_policy(policy_id=policy.id, tags=["walked"])
    api.clone_policy(policy_id=policy.id)
    api.list_rules(policy_id=policy.id)
    api.set_rules(policy_id=policy.id, rules=[rule])
    api.list_permission_sets()

    ssh_key = api.create_ssh_key(public_key=PUBLIC_KEY, name="walked")
    api.get_ssh_key(ssh_key_id=ssh_key.id)
    api.list_ssh_keys()
    api.update_ssh_key(ssh_key_id=ssh_key.id, disabled=True)

    api.delete_ssh_key(ssh_key_id=ssh_key.id)
    api.delete_policy(policy_id=policy.id)
    api.delete_group(group_id=group.id)
    api.delete_api_key(access_key=key.access_key)
    api.delete_application(application_id=application.id)
