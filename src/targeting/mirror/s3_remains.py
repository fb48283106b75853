"""What a deletion does not reach at S3: parts of uploads that never ended, and versions that a bucket keeps."""

from __future__ import annotations

from typing import Final

from targeting.mirror.remote import Remote

__all__ = ["sweep_remains"]

_S3: Final = frozenset({"s3", "s3a"})
_ADVICE: Final = "set a lifecycle rule that ends both within a day (docs/operations.md)"


def sweep_remains(remote: Remote) -> tuple[str, ...]:
    """Abort uploads under the mirror that a killed push began; sentences about what is beyond reach."""
    protocol = remote.fs.protocol
    if _S3.isdisjoint({protocol} if isinstance(protocol, str) else protocol):
        return ()
    bucket, _, folder = remote.base.partition("/")
    try:
        _abort_uploads(remote, bucket, folder)
        kept = remote.fs.is_bucket_versioned(bucket)
    except OSError as cause:
        return (f"cannot tell whether the bucket keeps versions or unfinished uploads ({cause}): {_ADVICE}",)
    return (f"the bucket keeps versions of what was deleted: {_ADVICE}",) if kept else ()


def _abort_uploads(remote: Remote, bucket: str, folder: str) -> None:
    beginning = f"{folder}/objects/" if folder else "objects/"
    for upload in remote.fs.list_multipart_uploads(bucket):
        if upload["Key"].startswith(beginning):
            remote.fs.abort_mpu(bucket, upload["Key"], upload["UploadId"])
