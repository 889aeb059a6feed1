"""From a picture to its variants."""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps

TYPES = ["image/jpeg", "image/png", "image/webp", "image/gif"]
FORMATS = ["JPEG", "PNG", "WEBP", "GIF"]
SIZES = {"thumbnail": 256, "medium": 1280}  # the longer side, in pixels
MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 40_000_000  # decoded, some 160 MB
Image.MAX_IMAGE_PIXELS = None  # PIL's own limit only warns


class NotAPicture(Exception):
    """Says why, for the owner."""


@dataclass(frozen=True)
class Variant:
    name: str
    width: int
    height: int
    content: bytes


def variants(content):
    """The variants of a picture (bytes) as JPEG, turned as it is meant to be seen and without its metadata."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise NotAPicture(f"more than {MAX_PIXELS} pixels")
            image.draft("RGB", (max(SIZES.values()),) * 2)  # a JPEG need not be decoded larger than that
            picture = _flat(ImageOps.exif_transpose(image))
    except (OSError, SyntaxError, ValueError) as error:  # all that PIL's decoders raise
        raise NotAPicture("not a picture, or a broken one") from error
    return [_variant(name, picture, size) for name, size in SIZES.items()]


def _flat(image):
    """On white where it is transparent."""
    image = image.convert("RGBA")
    ground = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(ground, image).convert("RGB")


def _variant(name, picture, size):
    copy = picture.copy()
    copy.thumbnail((size, size))  # never larger than the original
    file = io.BytesIO()
    copy.save(file, "JPEG", quality=85)
    return Variant(name, copy.width, copy.height, file.getvalue())
