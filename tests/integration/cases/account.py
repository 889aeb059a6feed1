from . import Case

CASES = [
    Case(
        "account_project",
        create={"name": "case-project", "description": "made by a case"},
        changes={"description": "changed by a case"},
        refused=[
            ({}, "name: needed to tell which project is meant"),
            ({"name": "default", "state": "absent"}, "default project, which cannot be deleted"),
            (
                {"name": "x", "project_id": "nonsense"},
                "project_id: 'nonsense' from option project_id is not a lower-case UUID",
            ),
        ],
    ),
]
