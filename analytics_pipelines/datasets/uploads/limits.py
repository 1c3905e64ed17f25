"""How much one upload may hold; what is more is refused by name."""

from dataclasses import dataclass

UNPACKED_FACTOR = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """Bounds of what is read; all but the first suit every installation."""

    unpacked_bytes: int
    ratio: int = 200
    """Times that an archive may be larger unpacked than packed, once it is above `ratio_from_bytes`."""
    ratio_from_bytes: int = 2**20
    line_bytes: int = 10**6
    columns: int = 2000
    rows: int = 10_000_000
    cells: int = 50_000_000
    name_characters: int = 200
    rejected_told: int = 100

    @staticmethod
    def of(max_upload_size: int) -> "UploadLimits":
        """The limits where so many bytes may be sent."""
        return UploadLimits(unpacked_bytes=UNPACKED_FACTOR * max_upload_size)
