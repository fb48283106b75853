"""The append-only store of everything the Authority was told, and the view of what it knew on a day."""

from targeting.snapshots.manifest import LoadRecord, Manifest
from targeting.snapshots.staging import Load
from targeting.snapshots.store import Store
from targeting.snapshots.view import AsOfView

__all__ = ["AsOfView", "Load", "LoadRecord", "Manifest", "Store"]
