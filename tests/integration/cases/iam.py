from . import Case

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB1ot6MnCgDYzsfpo7MDlFOM4NCxSXtXXH30fEb2LKB1"
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICJEoOOgQBLJPs4g/XcPTKT82NywNPpxeuA20FlOPlpO"


def application(name):
    return {"stackway.scaleway.iam_application": {"name": name}, "register": "application"}


def removed(*names):
    return [{"stackway.scaleway.iam_application": {"name": name, "state": "absent"}} for name in names]


PROJECT = {"stackway.scaleway.account_project_info": {"name": "default"}, "register": "default"}
RULE = {
    "permission_set_names": ["SSHKeysReadOnly", "InstancesFullAccess"],
    "project_ids": ["{{ default.projects[0].id }}"],
}
EVERYWHERE = "{{ default.projects[0].organization_id }}"

CASES = [
    Case(
        "iam_ssh_key",
        create={"name": "case-key", "public_key": f"{PUBLIC_KEY} its comment is not kept"},
        changes={"disabled": True},
        refused=[
            ({"name": "x"}, "public_key: needed to create ssh key x"),
            ({"name": "x", "public_key": "ssh-ed25519"}, "public_key: not a public key"),
            ({"name": "x", "public_key": "-----BEGIN OPENSSH PRIVATE KEY-----"}, "public_key: this is a private key"),
        ],
    ),
    Case("iam_ssh_key", label="disabled", create={"name": "case-disabled", "public_key": PUBLIC_KEY, "disabled": True}),
    Case(
        "iam_ssh_key",
        label="replaced",
        create={"name": "case-replaced", "public_key": PUBLIC_KEY, "recreate": True},
        changes={"public_key": OTHER_KEY},
    ),
    Case(
        "iam_application",
        create={"name": "case-application", "description": "made by a case", "tags": ["b", "a"]},
        changes={"description": "", "tags": ["c"]},
    ),
    Case(
        "iam_api_key",
        label="stored",
        setup=[application("case-stored"), {"stackway.scaleway.account_project": {"name": "case-stored-project"}}],
        create={
            "application_id": "case-stored",
            "description": "of a case",
            "expires_at": "2040-07-06T11:00:00+02:00",
            "store": {"name": "case-stored-key", "path": "/cases"},
        },
        key=("application_id", "description"),
        changes={
            "default_project_id": "case-stored-project",
            "store": {"name": "case-stored-elsewhere", "path": "/cases"},
        },
        cleanup=[
            *removed("case-stored"),
            {"stackway.scaleway.account_project": {"name": "case-stored-project", "state": "absent"}},
            {"stackway.scaleway.secret": {"name": "case-stored-key", "path": "/cases", "state": "absent"}},
            {"stackway.scaleway.secret": {"name": "case-stored-elsewhere", "path": "/cases", "state": "absent"}},
        ],
    ),
    Case(
        "iam_api_key",
        label="revealed",
        setup=[application("case-revealed")],
        create={"application_id": "{{ application.application.id }}", "description": "of a case", "reveal": True},
        key=("application_id", "description"),
        cleanup=removed("case-revealed"),
        refused=[
            ({"description": "x"}, "application_id: needed to tell which api key is meant"),
            (
                {"application_id": "nobody", "description": "x", "reveal": True},
                "application_id: application 'nobody' does not",
            ),
            ({"application_id": "x", "user_id": "y", "description": "z"}, "a key has one bearer"),
            (
                {"user_id": "95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7", "description": "x"},
                "store, reveal: the secret key of api key .* is told once",
            ),
            ({"user_id": "x", "description": "x", "expires_at": "tomorrow"}, "expires_at: 'tomorrow' is not a date"),
            ({"user_id": "x", "description": "x", "expires_at": "2040-01-01"}, "expires_at: .* has no time zone"),
        ],
    ),
    Case(
        "iam_policy",
        setup=[application("case-policy"), PROJECT],
        create={"name": "case-policy", "application_id": "case-policy", "rules": [RULE]},
        changes={
            "description": "changed by a case",
            "tags": ["a"],
            "rules": [
                RULE,
                {"permission_set_names": ["IAMReadOnly"], "organization_id": EVERYWHERE, "condition": "true"},
            ],
        },
        cleanup=removed("case-policy"),
        refused=[
            ({"name": "x", "rules": []}, "application_id, group_id, user_id, no_principal: one of them is needed"),
            ({"name": "x", "application_id": "x", "no_principal": True}, "a policy has one principal"),
            (
                {"name": "x", "no_principal": True, "rules": [{"permission_set_names": ["A"]}]},
                "rules: .* needs a scope",
            ),
            (
                {
                    "name": "x",
                    "no_principal": True,
                    "rules": [{"permission_set_names": ["NoSuchThing"], "organization_id": EVERYWHERE}],
                },
                "NoSuchThing is no permission set",
            ),
        ],
    ),
    Case(
        "iam_policy",
        label="principal",
        setup=[application("case-principal")],
        create={"name": "case-principal", "no_principal": True},
        changes={"rules": [{"permission_set_names": ["AllProductsReadOnly"], "project_ids": ["default"]}]},
        cleanup=removed("case-principal"),
        refused=[
            (
                {
                    "name": "x",
                    "no_principal": True,
                    "rules": [{"permission_set_names": ["AllProductsReadOnly"], "project_ids": ["no-such-project"]}],
                },
                "rules: project 'no-such-project' does not exist",
            ),
        ],
    ),
]
CASES[-1].setup.append(PROJECT)
