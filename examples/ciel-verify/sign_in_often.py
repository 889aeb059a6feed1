"""Whether attempts to sign in are limited: `sign_in_often.py URL NAME`, the name of an account that nobody has.

Ten are answered, by whichever of the API's processes they reach; the next one is told when to try again.
"""

import json
import sys
import urllib.error
import urllib.request

url, name = sys.argv[1:]
body = json.dumps({"name": name, "password": "not the password"}).encode()
answers = []
for _ in range(11):
    request = urllib.request.Request(f"{url}/sessions", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            answers.append(answer.status)
    except urllib.error.HTTPError as error:
        answers.append(error.code)
        wait = error.headers.get("Retry-After", "")

if answers != [401] * 10 + [429]:
    sys.exit(f"ten times 401, then 429 were expected, but the API answered {answers}")
if not (wait.isdecimal() and 0 < int(wait) <= 60):
    sys.exit(f"Retry-After is {wait!r}")
