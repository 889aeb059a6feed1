from . import Case

CASES = [
    Case(
        "secret",
        label="given",
        create={
            "name": "case-given",
            "path": "/cases",
            "value": "first",
            "description": "made by a case",
            "protected": False,
        },
        key=("name", "path"),
        changes={
            "value": "second",
            "description": "changed by a case",
            "tags": ["b", "a"],
            "ephemeral_policy": {"action": "disable", "time_to_live": "3600s"},
        },
        refused=[
            ({"name": "x", "value": "given-value", "generate": {}}, "value, generate: give one of them"),
            ({"name": "x", "value": "given-value", "rotation": "1"}, "rotation: is for a generated value"),
            ({"name": "x", "generate": {"kind": "hex", "length": 4}}, "generate: length 4 is too short"),
            ({"name": "x", "generate": {"kind": "uuid", "length": 40}}, "generate: a uuid has no length"),
            ({"name": "x", "generate": {"kind": "certificate"}}, "generate: a certificate needs the names"),
        ],
    ),
    Case(
        "secret",
        label="generated",
        create={"name": "case-generated", "path": "/cases/deep/", "generate": {"kind": "password", "length": 40}},
        key=("name", "path"),
        changes={"rotation": "2026-Q1"},
    ),
    Case(
        "secret",
        label="protected",
        create={"name": "case-protected", "type": "key_value", "value": {"user": "u", "password": "p"}},
        absent={"name": "case-protected", "protected": False},
        changes={"protected": True, "value": {"user": "u", "password": "q"}},
    ),
    Case(
        "secret",
        label="ssh-key",
        create={"name": "case-ssh-key", "generate": {"kind": "ssh_key"}},
    ),
]
