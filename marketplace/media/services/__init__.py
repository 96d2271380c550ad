"""Photos in: received whole, or in pieces from a phone with a weak signal; then their renditions."""

from . import photos, uploads
from .photos import READ_AT_MOST, keep, receive, render_left, render_photo

__all__ = ["READ_AT_MOST", "keep", "photos", "receive", "render_left", "render_photo", "uploads"]
