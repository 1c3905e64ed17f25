"""Why an upload is refused; each says where in the file, and what its owner can do."""

from analytics_pipelines.foundation.errors import BadInput, LimitExceeded, Unavailable


class UnreadableUpload(BadInput):
    """The file is no table of text that could be read."""

    title = "The upload can not be read"


class EmptyFile(UnreadableUpload):
    """Nothing stands in it."""


class NotATable(UnreadableUpload):
    """By its first bytes it is something else: a workbook, a picture, a program."""


class BrokenArchive(UnreadableUpload):
    """A gzip archive that ends early or fails its own checksum."""


class HoldsNul(UnreadableUpload):
    """Text holds no NUL."""


class MixedEncodings(UnreadableUpload):
    """Some bytes are UTF-8, and others can not be."""


class UnknownEncoding(UnreadableUpload):
    """No encoding makes text of the bytes."""


class UnclosedQuote(UnreadableUpload):
    """A quoted value that goes on to the end of the file."""


class MostlyRejected(UnreadableUpload):
    """More rows do not fit the header than do."""


class BrokenParquet(UnreadableUpload):
    """It begins as Parquet does, and can not be read as that."""


class CompressionRefused(UnreadableUpload):
    """Parquet compressed in a way that is not unpacked here."""


class UnusableColumn(UnreadableUpload):
    """A column of Parquet is nested, or of a type that no plan can use."""


class TooLargeUnpacked(LimitExceeded):
    """An archive that grows past what is read; unpacking stopped there."""


class LineTooLong(LimitExceeded):
    """A line, or a value over several lines, that no table has."""


class TooManyColumns(LimitExceeded):
    """More columns than a plan could ever be checked against."""


class TooManyRows(LimitExceeded):
    """More rows or cells than one dataset may have."""


class BrokenAnswer(Unavailable):
    """The process that read the upload gave back something else than it should."""
