"""Environment variables that are kept secret: the API tells their hashes alone."""

import os

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

COST = {"length": 32, "iterations": 3, "lanes": 64, "memory_cost": 65536}
"""Of a hash, as the real API has it: `$argon2id$v=19$m=65536,t=3,p=64$...`"""


def environment(fields: dict, body: dict) -> dict:
    """The fields to write of what a request says about the environment; nothing where it says nothing.

    `_secrets` are the values of the secret variables. A request gives the complete set of keys; an empty value keeps the
    one that is there.
    """
    written = {}
    if "environment_variables" in body:
        written["environment_variables"] = body["environment_variables"]
    if "secret_environment_variables" in body:
        given, values = body["secret_environment_variables"], fields.get("_secrets", {})
        hashes = fields.get("secret_environment_variables", {})
        kept = {key for key, value in given.items() if value == "" and key in values}
        written["_secrets"] = {key: values[key] if key in kept else value for key, value in given.items()}
        written["secret_environment_variables"] = {
            key: hashes[key] if key in kept else hashed(value) for key, value in given.items()
        }
    return written


def hashed(value: str) -> str:
    return Argon2id(salt=os.urandom(16), **COST).derive_phc_encoded(value.encode())
