# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials and defaults, found as every Scaleway tool finds them: options, then SCW_* environment, then the profile."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ansible.module_utils.common.yaml import yaml_load

try:
    from yaml import YAMLError
except ImportError:  # run() has refused to start by then
    YAMLError = ValueError

from .errors import ResourceError
from .values import UNKNOWN, UUID

# Field of Credentials -> (environment variable, key of a profile in the scw configuration file).
SOURCES = {
    "access_key": ("SCW_ACCESS_KEY", "access_key"),
    "secret_key": ("SCW_SECRET_KEY", "secret_key"),
    "organization_id": ("SCW_DEFAULT_ORGANIZATION_ID", "default_organization_id"),
    "project_id": ("SCW_DEFAULT_PROJECT_ID", "default_project_id"),
    "region": ("SCW_DEFAULT_REGION", "default_region"),
    "zone": ("SCW_DEFAULT_ZONE", "default_zone"),
    "api_url": ("SCW_API_URL", "api_url"),
    "s3_url": ("AWS_ENDPOINT_URL_S3", "s3_endpoint"),
}
API_URL, REGION = "https://api.scaleway.com", "fr-par"  # where nothing says otherwise
FORMATS = {
    "access_key": (re.compile(r"SCW[A-Z0-9]{17}"), "SCW and 17 upper-case letters or digits"),
    "secret_key": (UUID, "a lower-case UUID"),
    "organization_id": (UUID, "a lower-case UUID"),
    "project_id": (UUID, "a lower-case UUID"),
    "region": (re.compile(r"[a-z]{2}-[a-z]{3}"), "a region such as fr-par"),
    "zone": (re.compile(r"[a-z]{2}-[a-z]{3}-[1-9]"), "a zone such as fr-par-1"),
}


@dataclass(frozen=True)
class Credentials:
    """Who asks, where, and on whose behalf by default. `s3_url` None means Scaleway's own endpoint of the region."""

    access_key: str | None = None
    secret_key: str | None = None
    organization_id: str | None = None
    project_id: str | None = None
    region: str | None = None
    zone: str | None = None
    api_url: str = API_URL
    s3_url: str | None = None
    validate_certs: bool = True

    def __repr__(self) -> str:
        return f"Credentials({self.access_key} at {self.api_url})"  # the secret key must not reach a log

    @classmethod
    def load(cls, options: dict) -> Credentials:
        """Resolve every field from `options`, the environment and the profile, in that order.

        Raises ResourceError naming the field that is missing or malformed, where its value came from, and the remedy.
        """
        profile, path = _profile(options.get("config_path"), options.get("profile"))
        found: dict = {}
        for field, (variable, key) in SOURCES.items():
            candidates = (
                (options.get(field), f"option {field}"),
                (os.environ.get(variable), f"environment variable {variable}"),
                (profile.get(key), f"{key} in {path}"),
            )
            value, source = next((pair for pair in candidates if pair[0]), (None, ""))
            if value and value != UNKNOWN and field in FORMATS and not FORMATS[field][0].fullmatch(str(value)):
                shown = "the value" if field == "secret_key" else repr(str(value))
                raise ResourceError(f"{field}: {shown} from {source} is not {FORMATS[field][1]}", field=field)
            found[field] = value
        found["region"] = found["region"] or (found["zone"] or REGION)[:6]
        found["zone"] = found["zone"] or f"{found['region']}-1"
        found["api_url"] = (found["api_url"] or API_URL).rstrip("/")
        if urlsplit(found["api_url"]).scheme not in ("http", "https"):
            raise ResourceError(f"api_url: {found['api_url']!r} is not an http(s) URL", field="api_url")
        if not found["secret_key"]:
            raise ResourceError(
                f"secret_key is missing: set the option, SCW_SECRET_KEY, or a profile in {path}", field="secret_key"
            )
        return cls(**found, validate_certs=options.get("validate_certs") is not False)


def _profile(path: str | None, name: str | None) -> tuple[dict, Path]:
    """The profile's keys over the file's top-level ones, and the path of the file (which need not exist)."""
    path = path or os.environ.get("SCW_CONFIG_PATH")
    file = Path(path or f"{os.environ.get('XDG_CONFIG_HOME') or '~/.config'}/scw/config.yaml").expanduser()
    name = name or os.environ.get("SCW_PROFILE")
    if not file.is_file():
        if path:
            raise ResourceError(f"config_path: {file} does not exist", field="config_path")
        if name:
            raise ResourceError(f"profile: there is no {file} to find {name!r} in", field="profile")
        return {}, file
    try:
        content = yaml_load(file.read_text()) or {}
    except (YAMLError, OSError) as error:
        raise ResourceError(f"config_path: {file} cannot be read: {error}", field="config_path") from error
    if not isinstance(content, dict):
        raise ResourceError(f"config_path: {file} is not a scw configuration file", field="config_path")
    name = name or content.get("active_profile")
    profiles = content.get("profiles") or {}
    if not (isinstance(profiles, dict) and all(isinstance(each or {}, dict) for each in profiles.values())):
        raise ResourceError(f"config_path: profiles of {file} is not a dictionary of profiles", field="config_path")
    if name and name != "default" and name not in profiles:
        raise ResourceError(f"profile: {name!r} is not in {file}", field="profile", profiles=sorted(profiles))
    return content | (profiles.get(name) or {}), file
