"""What PostgreSQL can hold of texts and JSON that others wrote, and every reader can read again."""

import orjson

MOST_TEXT_CHARACTERS = 4000
MOST_NAME_CHARACTERS = 500
REPLACEMENT = "\ufffd"


def storable_text(text: str, most_characters: int = MOST_TEXT_CHARACTERS) -> str:
    """The text with U+FFFD for NULs and halves of surrogate pairs, cut where it is longer."""
    whole = text[:most_characters].replace("\x00", REPLACEMENT)
    return "".join(REPLACEMENT if "\ud800" <= character <= "\udfff" else character for character in whole)


def storable_json(value: object, most_bytes: int | None = None) -> object:
    """The value, with null for numbers that are not finite.

    None where no JSON can hold it (halves of surrogate pairs, integers above 64 bits, hundreds of levels), or where it
    takes more than `most_bytes`.
    """
    try:
        written = orjson.dumps(value)
    except TypeError:
        return None
    return None if most_bytes is not None and len(written) > most_bytes else orjson.loads(written)
