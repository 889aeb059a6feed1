def walk(sdk):
    api = sdk("account.v3.AccountV3ProjectAPI")
    project = api.create_project(name="walked", description="")
    api.get_project(project_id=project.id)
    api.list_projects(name="walked")
    api.update_project(project_id=project.id, description="again")
    api.delete_project(project_id=project.id)
