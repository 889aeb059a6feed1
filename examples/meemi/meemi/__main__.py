"""python3 -m meemi"""

import sys

from . import database, settings, web


def main():
    try:
        given = settings.read()
    except settings.SettingError as error:
        sys.exit(f"meemi: {error}")
    database.migrate(given)
    web.serve(given)


main()
