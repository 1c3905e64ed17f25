"""One partition on disk: `data.parquet` and its manifest, swapped in that order under the partition's lock."""

import os
from dataclasses import dataclass
from pathlib import Path

from analytics_pipelines.foundation.files import make_folders, sha256_of, sync_folder
from analytics_pipelines.foundation.lake.manifest import FILE_NAME, Manifest, read_manifest

PARTITION = "date="
DATA_NAME = "data.parquet"


@dataclass(frozen=True, slots=True)
class Partition:
    """The folder of one table and day, or one of the same shape that is on its way there."""

    folder: Path

    @property
    def file(self) -> Path:
        """The one Parquet file."""
        return self.folder / DATA_NAME

    @property
    def manifest_file(self) -> Path:
        """The manifest beside it."""
        return self.folder / FILE_NAME

    @property
    def manifest(self) -> Manifest | None:
        """What was published, or None where nothing was."""
        return read_manifest(self.folder)

    def holds(self, manifest: Manifest) -> bool:
        """Whether the file has exactly the bytes that the manifest names."""
        file = self.file
        return file.is_file() and file.stat().st_size == manifest.size_bytes and sha256_of(file) == manifest.sha256

    def take_over(self, staged: "Partition", manifest: Manifest) -> None:
        """Swap in a staged partition; equal bytes stay the same file, an equal manifest the same manifest.

        Once the data is swapped the manifest follows even when the disk fails to sync the first swap.
        """
        make_folders(self.folder)
        if not self.holds(manifest):
            os.replace(staged.file, self.file)
        elif self.manifest == manifest:
            return
        try:
            sync_folder(self.folder)
        finally:
            os.replace(staged.manifest_file, self.manifest_file)
        sync_folder(self.folder)

    def settle(self, abandoned: "Partition", manifest: Manifest) -> None:
        """Finish the swap of a writer that was killed between data and manifest."""
        if not abandoned.file.exists() and self.holds(manifest):
            os.replace(abandoned.manifest_file, self.manifest_file)
            sync_folder(self.folder)
