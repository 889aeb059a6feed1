"""Refusals, in the API's own words: status, type and fields as the real API sends them."""


class ApiError(Exception):
    """Raise anywhere while a call is answered: the caller gets this status and body.

    `ApiError(404, "lbs not Found")` is the bare form that some products use; the functions below build the typed ones.
    """

    def __init__(self, status: int, message: str, **fields):
        super().__init__(message)
        self.status = status
        self.body = {"message": message, **fields}


def not_found(resource: str, resource_id: str) -> ApiError:
    return ApiError(404, "resource is not found", type="not_found", resource=resource, resource_id=resource_id)


def invalid_argument(name: str, reason: str, help_message: str) -> ApiError:
    """`reason` is one of `required`, `constraint`, `format`, `unknown`."""
    return invalid_arguments([{"argument_name": name, "reason": reason, "help_message": help_message}])


def invalid_arguments(details: list[dict]) -> ApiError:
    return ApiError(400, "invalid argument(s)", type="invalid_arguments", details=details)


def require(name: str, entries: list[dict], *fields: str):
    """Refuse a list of a request in which an entry misses one of these fields."""
    missing = [
        f"{name}[{n}].{field}" for n, entry in enumerate(entries) for field in fields if entry.get(field) is None
    ]
    if missing:
        raise invalid_argument(missing[0], "required", "is required")


def denied_authentication(reason: str = "invalid_argument", method: str = "api_key") -> ApiError:
    return ApiError(401, "authentication is denied", type="denied_authentication", method=method, reason=reason)


def permissions_denied(action: str | None = None, resource: str | None = None) -> ApiError:
    details = [{"action": action, "resource": resource}] if resource else []
    return ApiError(403, "insufficient permissions", type="permissions_denied", details=details)


def quotas_exceeded(resource: str, quota: int, current: int) -> ApiError:
    detail = {"resource": resource, "quota": quota, "current": current}
    return ApiError(403, "quota(s) exceeded for this resource", type="quotas_exceeded", details=[detail])


def already_exists(resource: str, resource_id: str, help_message: str = "") -> ApiError:
    fields = {"resource": resource, "resource_id": resource_id, "help_message": help_message}
    return ApiError(409, "resource already exists", type="already_exists", **fields)


def transient_state(resource: str, resource_id: str, current_state: str) -> ApiError:
    fields = {"resource": resource, "resource_id": resource_id, "current_state": current_state}
    return ApiError(409, "resource is in a transient state", type="transient_state", **fields)


def precondition_failed(precondition: str, help_message: str) -> ApiError:
    fields = {"precondition": precondition, "help_message": help_message}
    return ApiError(412, "precondition is not respected", type="precondition_failed", **fields)


def not_served(method: str, path: str) -> ApiError:
    return ApiError(501, f"{method} {path} is not served by the sandbox", type="not_implemented")
