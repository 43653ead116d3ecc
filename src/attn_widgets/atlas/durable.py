"""Bytes -> a file that is there whole or not at all, whatever happens to the process, the machine or the disk."""

from __future__ import annotations

import errno
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

PART = ".part"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_NOT_ALLOWED = (errno.EROFS, errno.EACCES, errno.EPERM)
# what another file of the same folder will not be spared
REFUSED = (*_NO_ROOM, *_NOT_ALLOWED)
# what a process that was killed left behind; one that is at work does not take so long over a file
_OLD = 24 * 3600


def write_durably(path: Path, write: Callable[[IO[bytes]], object]) -> Path:
    """Write a file under another name, see that it is on the disk, and give it its own.

    Parameters
    ----------
    path : Path
        What is there is replaced. Its folder is made.
    write : callable
        Writes to the open file.

    Raises
    ------
    OSError
        If there is no room, or the folder cannot be written to; what was there is as it was.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        number, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=PART)
        with os.fdopen(number, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp lets nobody else read
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except BaseException as error:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
        if isinstance(error, OSError):
            raise _explained(error, path) from error
        raise
    return path


def clear_parts(folder: Path) -> None:
    """Remove what killed processes left behind more than a day ago."""
    for part in folder.rglob(f".*{PART}"):
        try:
            if time.time() - part.stat().st_mtime > _OLD:
                part.unlink()
        except OSError:
            # another builder did
            continue


def sync_folder(folder: Path) -> None:
    """A new name is on the disk only once its folder is; Windows has no such call."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _explained(error: OSError, path: Path) -> OSError:
    if error.errno in _NO_ROOM:
        said = (
            f"no room is left for {path}; what was written before is kept. Free some and call again: only what is "
            "missing is computed"
        )
    elif error.errno in _NOT_ALLOWED:
        said = f"{path.parent} cannot be written to; choose another path, or open what is there with Atlas(path)"
    else:
        return error
    # OSError gives the class that goes with the number, PermissionError for one
    return OSError(error.errno, said)
