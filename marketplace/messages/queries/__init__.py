"""Reads about talks between buyers and workshops."""

from .answers import replies_of
from .conversation import Saying, Talk, TalkPhoto, about_part, about_piece, of_key, photo_of, reported_talk, talk
from .subjects import Subject
from .threads import ThreadRow, answered, reported, reported_count, talks_of, unread_count, unread_of, waiting

__all__ = [
    "Saying",
    "Subject",
    "Talk",
    "TalkPhoto",
    "ThreadRow",
    "about_part",
    "about_piece",
    "answered",
    "of_key",
    "photo_of",
    "replies_of",
    "reported",
    "reported_count",
    "reported_talk",
    "talk",
    "talks_of",
    "unread_count",
    "unread_of",
    "waiting",
]
