"""A mirror of a home at any fsspec URL: a whole store and whole runs at every moment, for whoever reads it."""

from targeting.mirror.index import Content, Index
from targeting.mirror.pulling import Pulled, pull
from targeting.mirror.pushing import Pushed, push
from targeting.mirror.remote import Remote, open_remote
from targeting.mirror.verifying import Verified, verify

__all__ = ["Content", "Index", "Pulled", "Pushed", "Remote", "Verified", "open_remote", "pull", "push", "verify"]
