"""What a picture is, and its thumbnail."""

import io

from PIL import Image, ImageOps

TYPES = {
    "JPEG": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "WEBP": ("image/webp", "webp"),
    "GIF": ("image/gif", "gif"),
}
MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 40_000_000  # decoded, some 160 MB
SIDE = 320  # of a thumbnail, the longer one, in pixels
Image.MAX_IMAGE_PIXELS = None  # PIL's own limit only warns


class NotAPicture(Exception):
    """Says why, for the owner."""


def read(content):
    """(content type, extension, thumbnail as JPEG) of a picture, which its content tells and not what it is called."""
    try:
        with Image.open(io.BytesIO(content), formats=list(TYPES)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise NotAPicture(f"more than {MAX_PIXELS} pixels")
            content_type, extension = TYPES[image.format]
            image.draft("RGB", (SIDE, SIDE))  # a JPEG need not be decoded larger than that
            picture = ImageOps.exif_transpose(image).convert("RGBA")
    except (OSError, SyntaxError, ValueError) as error:  # all that PIL's decoders raise
        raise NotAPicture("not a picture, or a broken one") from error
    picture.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB").save(
        file, "JPEG", quality=85
    )
    return content_type, extension, file.getvalue()
