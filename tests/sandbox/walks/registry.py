"""How to call Container Registry. Images and tags are there once somebody pushed them: see tests/integration."""

NOT_IN_SDK = {
    "GET /registry/v1/tokens",  # what docker asks for its tokens
    *("GET /registry/v1/regions/{region}/images/{id}", "PATCH /registry/v1/regions/{region}/images/{id}"),
    *("DELETE /registry/v1/regions/{region}/images/{id}", "GET /registry/v1/regions/{region}/images/{id}/tags"),
    *("GET /registry/v1/regions/{region}/tags/{id}", "DELETE /registry/v1/regions/{region}/tags/{id}"),
}


def walk(sdk):
    api = sdk("registry.v1.RegistryV1API")
    namespace = api.create_namespace(name="walked", description="", is_public=False)
    api.list_namespaces()
    api.get_namespace(namespace_id=namespace.id)
    api.update_namespace(namespace_id=namespace.id, is_public=True)
    api.list_images()
    api.delete_namespace(namespace_id=namespace.id)
