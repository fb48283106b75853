"""The mirror from the command line: push, pull, verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.exit_codes import guarded
from targeting.domain import BadInputError, RefusedError
from targeting.settings import Settings

__all__ = ["app", "pushed"]

app = typer.Typer(no_args_is_help=True, help="A copy of store and published runs at any fsspec URL, always whole.")

_Url = Annotated[
    str | None, typer.Argument(help="s3://bucket/folder, file:///folder, ...; TARGETING_MIRROR_URL without it.")
]
_SHOWN = 20


@app.command("push")
@guarded
def push_command(
    url: _Url = None,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="What only the mirror has goes: this home writes from now on.")
    ] = False,
) -> None:
    """Make the mirror like this home; what is there already is not sent, what is gone here goes there.

    Exit code 1: another home pushes there, or a file here is not what its seal says.

    Example: python -m pipelines mirror push s3://bucket/targeting
    """
    settings = Settings()
    typer.echo(pushed(settings.home, _address(url, settings), take_over=take_over))


@app.command("pull")
@guarded
def pull_command(
    url: _Url = None,
    published_only: Annotated[
        bool, typer.Option("--published-only", help="The run in service alone: for machines that only serve.")
    ] = False,
) -> None:
    """Make this home like the mirror. The service takes up a run that was pulled without a restart.

    Exit code 1: this home has what was never pushed, or the mirror is not what it says.

    Example: python -m pipelines mirror pull --published-only s3://bucket/targeting
    """
    from pipelines.progress import steps
    from targeting.mirror import open_remote, pull

    settings = Settings()
    with steps("mirror") as progress, progress.bar("pull", unit="B") as bar:
        remote = open_remote(_address(url, settings), moved=bar.advance)
        done = pull(settings.home, remote, published_only=published_only)
    typer.echo(f"pulled {done.fetched} of {done.files} files ({done.fetched_bytes:,} bytes), removed {done.removed}")
    typer.echo(f"run in service: {done.run or 'none'}")


@app.command("verify")
@guarded
def verify_command(url: _Url = None) -> None:
    """Read the whole mirror and hold every object against its hash, the manifest and the seals.

    Exit code 1: something is not what it should be, and the answer names it.

    Example: python -m pipelines mirror verify s3://bucket/targeting
    """
    from pipelines.progress import steps
    from targeting.mirror import open_remote, verify

    with steps("mirror") as progress, progress.bar("verify", unit="B") as bar:
        remote = open_remote(_address(url, Settings()), moved=bar.advance)
        found = verify(remote)
    typer.echo(f"read {found.files} files ({found.bytes:,} bytes); {found.unnamed} objects belong to none")
    if found.faults:
        raise RefusedError(
            expected="a whole mirror",
            got="; ".join(found.faults[:_SHOWN]),
            where=f"{remote.name}: {len(found.faults)} faults",
            do="remove the objects named and push again from the home that writes; find out who changed them",
        )


def pushed(home: Path, url: str, *, take_over: bool = False) -> str:
    """Push `home` to the mirror at `url`; what was done, in words. The quarterly run calls it after publishing."""
    from pipelines.progress import steps
    from targeting.mirror import open_remote, push

    with steps("mirror") as progress, progress.bar("push", unit="B") as bar:
        done = push(home, open_remote(url, moved=bar.advance), take_over=take_over)
    told = f"pushed {done.sent} of {done.files} files ({done.sent_bytes:,} bytes), removed {done.removed}"
    return "\n".join([told, *(f"WARNING: {one}" for one in done.unreached)])


def _address(url: str | None, settings: Settings) -> str:
    address = url or settings.mirror_url
    if not address:
        raise BadInputError(
            expected="the URL of a mirror", got="none", where="URL", do="give one, or set TARGETING_MIRROR_URL"
        )
    return address
