"""Uploaded files on their way: in memory while there is room for them, then on disk."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from threading import Lock
from typing import IO, Any, Self

from .full_disk import full_disk_as_507


class _Budget:
    """The bytes that all uploads of the process may keep in memory together."""

    def __init__(self, size: int) -> None:
        self.left: int = size
        self._lock = Lock()

    def take(self, count: int) -> bool:
        """Whether ``count`` bytes were left; they are not, from then on."""
        with self._lock:
            if count > self.left:
                return False
            self.left -= count
            return True

    def give_back(self, count: int) -> None:
        with self._lock:
            self.left += count


# Half of it is the share of one upload, so that a long one leaves room for others.
BUDGET = _Budget(32 * 1024 * 1024)
_SHARE = 16 * 1024 * 1024
# Pieces below the first size are joined up to the second: as an object of its own each would take
# many times its length, which the budget does not see.
_SMALL = 4 * 1024
_JOINED = 64 * 1024


def _close_full(file: IO[bytes]) -> None:
    """Close a file of which nothing is needed, whether or not its rest can be written."""
    try:
        file.close()
    except OSError:
        # It is closed all the same, and deleted.
        return


class SpooledUpload:
    """A temporary binary file.

    What is written stays in memory up to 16 MiB, as long as all uploads of the process keep no more
    than 32 MiB there; then it goes to a temporary file on disk, which is deleted when it is closed.
    It has the methods of a file object.
    """

    def __init__(self) -> None:
        # PERF: an upload that nobody reads is never copied: the pieces are kept as they came.
        self._pieces: list[bytes | bytearray] = []
        self._taken = 0
        # The position is the beginning, and otherwise the end, until there is a file.
        self._is_rewound = False
        self._file: IO[bytes] | None = None

    def write(self, data: bytes) -> int:
        """Write at the current position."""
        if self.keep(data):
            return len(data)
        # What is added after reading would not be counted in memory.
        self.rollover()
        with full_disk_as_507():
            return self._open().write(data)

    def keep(self, data: bytes) -> bool:
        """Write, if that does not go to disk: ``False`` if nothing was written."""
        size = len(data)
        if (
            self._file is None
            and not self._is_rewound
            and self._taken + size <= _SHARE
            and BUDGET.take(size)
        ):
            self._taken += size
            if size >= _SMALL:
                self._pieces.append(bytes(data))
            else:
                self._join(data)
            return True
        return False

    def _join(self, data: bytes) -> None:
        last = self._pieces[-1] if self._pieces else None
        if isinstance(last, bytearray) and len(last) < _JOINED:
            last += data
        else:
            self._pieces.append(bytearray(data))

    def rollover(self) -> None:
        """Move the content to disk, if it is not there yet."""
        from tempfile import TemporaryFile

        file = self._file
        if file is not None and not isinstance(file, BytesIO):
            return
        target: IO[bytes] | None = None
        try:
            with full_disk_as_507():
                target = TemporaryFile()  # noqa: SIM115 - closed by close()
                if file is None:
                    target.writelines(self._pieces)
                    if self._is_rewound:
                        target.seek(0)
                else:
                    target.write(file.getvalue())
                    target.seek(file.tell())
        except BaseException:
            # A full disk, for example: the content is lost, so nothing is kept.
            if target is not None:
                _close_full(target)
            self.close()
            raise
        self._file = target
        self._release()

    def _open(self) -> IO[bytes]:
        """The file object behind this one."""
        file = self._file
        if file is None:
            file = self._file = BytesIO(b"".join(self._pieces))
            self._pieces.clear()
            if not self._is_rewound:
                file.seek(0, 2)
        return file

    def _release(self) -> None:
        self._pieces.clear()
        taken, self._taken = self._taken, 0
        if taken:
            BUDGET.give_back(taken)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Change the position; returns the new one."""
        if self._file is None and offset == whence == 0:
            self._is_rewound = True
            return 0
        with full_disk_as_507():
            return self._open().seek(offset, whence)

    def fileno(self) -> int:
        """The descriptor of the file, which is moved to disk for that."""
        self.rollover()
        return self._open().fileno()

    def close(self) -> None:
        """Close and delete the file."""
        if self._file is None:
            self._file = BytesIO()
        _close_full(self._file)
        self._release()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._open(), name)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._open())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __del__(self) -> None:
        self._release()
