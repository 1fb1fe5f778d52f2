"""An output folder in a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from restorack.errors import FileError
from restorack.io.file_names import fitting_name
from restorack.io.remote.lease import Lease
from restorack.io.remote.listing import kept
from restorack.io.remote.urls import as_path, is_remote
from restorack.render.batch.output_layout import (
    ENDINGS,
    STATE_FOLDER,
    Kind,
    OutputLayout,
    Part,
    stays_below,
)
from restorack.render.batch.remote.manifests import StoredManifests


@dataclass(frozen=True)
class RemoteLayout(OutputLayout):
    """The output folder of a batch, in a store.

    The manifest is worked on in a local folder, and stored every few seconds and at the end. Files
    that a killed batch stored later are rendered again: the same bytes are there, so they are the
    batch's own.

    Parameters
    ----------
    root : Path
        A remote one.
    shard : Part or None
    local : Path
        Folder of this run, on the disk of this machine.
    """

    local: Path = Path()

    @property
    def state(self) -> Path:
        """The local folder of the batch's own files."""
        return self.local / STATE_FOLDER

    @property
    def stored_state(self) -> Path:
        """The folder in the store that they are kept in."""
        return self.root / STATE_FOLDER

    def product(self, key: str, kind: Kind) -> Path:
        """Return where one of a job's files is stored.

        Raises
        ------
        FileError
            For a name that leaves the folder.
        """
        if not stays_below(key):
            raise FileError("leaves the output folder", where=f"{self.root}/{key}",
                            rule="a batch writes below its output folder",
                            remedy="change --pattern")  # fmt: skip
        path = self.root / key
        return path if kind == "output" else path.with_name(fitting_name(path.stem, ENDINGS[kind]))

    def make(self) -> None:
        """Make the local folder; in a store folders come with their files."""
        self.state.mkdir(parents=True, exist_ok=True)

    def look_up(self) -> None:
        """Fetch the manifests."""
        self.make()
        StoredManifests(self.stored_state, self.manifest).fetch()

    def make_for(self, key: str) -> None:
        """Make nothing."""

    def check(self, key: str, kinds: Sequence[Kind], *, force: bool, source: Path) -> None:
        """Refuse nothing yet: a file in the way is compared with what was rendered."""

    def is_gone(self) -> bool:
        """Return False: a folder in a store is its files."""
        return False

    def sweep(self, keys: Iterable[str]) -> int:
        """Return 0: what killed runs have left is in folders of the system's temporary ones."""
        del keys
        return 0

    @property
    def folds_case(self) -> bool:
        """False, as in all stores that are known here."""
        return False

    @contextmanager
    def owned(self, on_lost: Callable[[], None] | None = None) -> Iterator[None]:
        """Keep other batches out, and manifests in the store up to date, while it lasts.

        Parameters
        ----------
        on_lost : callable, optional
            Is called where another batch takes the folder over, by another thread.

        Raises
        ------
        FileError
            Where another batch works into the folder; at the end where one has taken it over.
        TransferError
            Where the store does not answer.
        """
        rivals = "lock-*" if self.shard is None else "lock"
        lease = Lease(self.stored_state, self.lock.name, rivals)
        with super().owned(), lease, kept(self.root):
            manifests = StoredManifests(self.stored_state, self.manifest)
            manifests.fetch()
            with manifests.kept_stored(lease.renew, on_lost):
                yield


@contextmanager
def output_layout(folder: Path, shard: Part | None = None) -> Iterator[OutputLayout]:
    """Return the layout of an output folder, wherever it is, while the context lasts."""
    if not is_remote(folder):
        yield OutputLayout(folder.absolute(), shard)
        return
    with TemporaryDirectory(prefix="restorack-batch-") as local:
        yield RemoteLayout(as_path(folder), shard, Path(local))
