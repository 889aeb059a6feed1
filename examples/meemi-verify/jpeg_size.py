"""Width and height of a JPEG: `jpeg_size.py URL` prints them. Exit status 1 where it is none."""

import struct
import sys
import urllib.request

with urllib.request.urlopen(sys.argv[1], timeout=10) as answer:
    content = answer.read()
if content[:2] != b"\xff\xd8":
    sys.exit("not a JPEG")
position = 2
while content[position + 1] not in (0xC0, 0xC1, 0xC2):  # the segment that begins a frame
    position += 2 + struct.unpack(">H", content[position + 2 : position + 4])[0]
height, width = struct.unpack(">HH", content[position + 5 : position + 9])
print(width, height)
