"""Asks a pooler again and again over one connection, until a file is there: ask.py HOST PORT FILE. Fails when it is cut off."""

import sys
import time
from pathlib import Path

import psycopg2

host, port, end = sys.argv[1:]
connection = psycopg2.connect(host=host, port=port, user="app", dbname="shop", sslmode="verify-full")
connection.autocommit = True
with connection.cursor() as cursor:
    while not Path(end).exists():
        cursor.execute("SELECT 1")
        time.sleep(0.05)
