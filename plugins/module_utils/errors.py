# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong, in the user's words: every error names what is at fault and, where there is one, the remedy."""

from __future__ import annotations


class StackwayError(Exception):
    """An error to show to the user as it is. `details` is added to the result of the task under `error`.

    `done` is the Outcome of what had been changed before it.
    """

    def __init__(self, message: str, **details):
        super().__init__(message)
        self.done = None
        self.details = {key: value for key, value in details.items() if value not in (None, "", [], {})}


class ResourceError(StackwayError):
    """A state that cannot be reached: a bad option, an ambiguous name, an immutable change, a failed resource."""


class Missing(ResourceError):
    """An option names another resource, and there is none of that name."""


class ApiError(StackwayError):
    """The API refused, or could not be reached (then `status` is None).

    `uncertain` is true when the request may have been carried out all the same: the answer was a 5xx or was lost.
    """

    def __init__(self, message: str, *, status: int | None = None, type: str = "", uncertain: bool = False, **details):
        super().__init__(message, status=status, type=type, **details)
        self.status = status
        self.type = type
        self.uncertain = uncertain


_HINTS = {
    401: "check the secret key: option secret_key, SCW_SECRET_KEY, or the profile in the scw configuration file",
    "permissions_denied": "give the API key's owner a policy with the missing permission, use another key, or look whether project_id is right",
    "quotas_exceeded": "ask Scaleway for a larger quota, or remove what is no longer used",
    "out_of_stock": "choose another type or zone, or try again later",
    "resource_locked": "the resource is locked by Scaleway: contact the support",
}


def api_error(status: int, answer: object, text: str, request: str) -> ApiError:
    """The error that an answer >= 400 of the API amounts to.

    `answer` is the decoded JSON, if it was JSON (shapes: {message, type, details[], resource, resource_id,
    help_message, precondition, current_state}, {message} alone, or nothing); `request` is "GET /path".
    """
    body = answer if isinstance(answer, dict) else {}
    kind = body.get("type") or ""
    parts = [body.get("message") or text.strip()[:200] or f"HTTP {status}"]
    if kind == "not_found":
        parts = [f"{body.get('resource') or 'resource'} {body.get('resource_id') or ''}".rstrip() + " does not exist"]
    faults = [_fault(detail) for detail in body.get("details") or [] if isinstance(detail, dict)]
    faults += [f"{name}: {reason}" for name, reason in (body.get("fields") or {}).items()]
    parts += ["; ".join(faults)] if faults else []
    parts += [str(body[key]) for key in ("help_message", "current_state") if body.get(key)]
    hint = _HINTS.get(kind) or _HINTS.get(status)
    return ApiError(
        ": ".join(parts) + (f" ({hint})" if hint else ""),
        status=status,
        type=kind,
        uncertain=status >= 500,
        request=request,
        fields=body.get("details") or body.get("fields"),
        resource=body.get("resource"),
        resource_id=body.get("resource_id"),
        hint=hint,
    )


def _fault(detail: dict) -> str:
    """One entry of `details`: {argument_name, reason, help_message}, {action, resource} or {resource, quota, current}."""
    if "argument_name" in detail:
        return f"{detail['argument_name']}: {detail.get('help_message') or detail.get('reason')}"
    if "quota" in detail:
        return f"{detail.get('resource')}: {detail.get('current')} of {detail.get('quota')} in use"
    return " ".join(str(value) for value in detail.values())
