"""Keeps what Python compiles of the modules that Ansible sends, which come as archives and are compiled anew for each task.

A real server does not have this. Here many servers share the processors of one machine, and compiling is most of what a task takes.
"""

import _imp
import importlib.util
import marshal
import os
import zipimport

FOLDER = "/var/cache/kept-modules"
compile_source = zipimport._compile_source


def compiled(path, source):
    """The code of a source. It is kept by the source's content, since the archive is another each time."""
    kept = f"{FOLDER}/{importlib.util.source_hash(source).hex()}-{len(source)}"
    try:
        with open(kept, "rb") as file:
            code = marshal.load(file)
    except (OSError, EOFError, ValueError, TypeError):
        code = compile_source(path, source)
        part = f"{kept}.{os.getpid()}"
        try:
            with open(part, "wb") as file:
                marshal.dump(code, file)
            os.replace(part, kept)
        except OSError:
            pass  # not root, or no folder
    else:
        _imp._fix_co_filename(code, path)  # for tracebacks
    return code


zipimport._compile_source = compiled
