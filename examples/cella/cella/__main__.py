"""python3 -m cella api|cdc|migrate"""

import sys

from . import database, settings


def main():
    command = sys.argv[1] if len(sys.argv) == 2 else ""
    try:
        if command == "api":
            from . import api

            given = settings.api()
            database.migrate(given.database_url_direct)
            api.serve(given)
        elif command == "cdc":
            from . import cdc

            cdc.serve(settings.cdc())
        elif command == "migrate":
            database.migrate(settings.migrate())
        else:
            sys.exit(__doc__)
    except settings.SettingError as error:
        sys.exit(f"cella: {error}")


main()
