"""Personal columns made harmless on their way: HMAC, truncated, generalised.

DuckDB computes them, so that the key never reaches the source.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from analytics_pipelines.foundation.errors import BadInput, SetupError
from analytics_pipelines.foundation.sql import Sql, literal, name
from analytics_pipelines.foundation.tables import Column, ColumnType, Decimal, Type
from analytics_pipelines.product_export.source.described import SourceColumn
from analytics_pipelines.product_export.wishes import Masking, Policy

BLOCK_BYTES = 64  # of SHA-256: RFC 2104 pads the key to one
INNER, OUTER = 0x36, 0x5C
KEY_NAME_CHARACTERS = 8
UNITS = ("year", "month", "day", "hour")
NUMBER = re.compile(r"\d+(\.\d+)?")
LEAST_INT: Mapping[ColumnType, int] = {Type.INT: -(2**63), Type.INT32: -(2**31)}

HMAC = Sql("sha256(from_hex({outer}) || from_hex(sha256(from_hex({inner}) || {content})))")
FIRST = Sql("left({column}, {characters})")
# Going by microseconds keeps the session's time zone out of it.
CUT_MOMENT = Sql("make_timestamptz(epoch_us(date_trunc({unit}, make_timestamp(epoch_us({column})))))")
CUT_LOCAL = Sql("date_trunc({unit}, {column})")
CUT_DAY = Sql("CAST(date_trunc({unit}, {column}) AS DATE)")
# The lowest value stands for itself where the multiple below it does not fit.
FLOOR_INT = Sql(
    "CASE WHEN {column} IS NOT NULL THEN CAST(greatest(CAST({column} AS HUGEINT)"
    " - (CAST({column} AS HUGEINT) % {step} + {step}) % {step}, {least}) AS {type}) END"
)
FLOOR_FLOAT = Sql("CAST(floor({column} / {step}) * {step} AS {type})")
FLOOR_DECIMAL = Sql(
    "CAST(CASE WHEN {column} % {step} = 0 THEN {column} WHEN {column} > 0 THEN {column} - {column} % {step}"
    " WHEN {column} < {least} + {step} THEN {least} ELSE {column} - {column} % {step} - {step} END AS {type})"
)


class HmacKeyMissing(SetupError):
    """A column is to be exported as HMAC and there is no key."""


class UnsuitableMask(BadInput):
    """A column can not be masked in the way that is asked for."""


class SecretSql(Sql):
    """Text that holds what the key became; never shown."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "SecretSql(…)"


@dataclass(frozen=True, slots=True)
class Masked:
    """What is written instead of the column as it was read."""

    expression: Sql
    """DuckDB; names the column by the source's name."""
    type: ColumnType
    note: str
    """What a reader must know; differs between keys, so that a new key is seen as a change of the column."""


@dataclass(frozen=True, slots=True)
class Mask:
    """Makes masks; with the key where there is one."""

    key: SecretStr | None = None

    def of(self, column: SourceColumn, lake: Column, masking: Masking, *, table: str = "") -> Masked:
        """The mask of a column that is read as `lake` says; null stays null. `table` is how errors name its table.

        Of `KEEP` the column itself. Raises `HmacKeyMissing`, and `UnsuitableMask` that names the column.
        """
        try:
            return self._of(column, lake, masking)
        except (HmacKeyMissing, UnsuitableMask) as error:
            where = (table + "." if table else "") + column.name
            raise type(error)(where + " " + error.detail, remedy=error.remedy) from None

    def _of(self, column: SourceColumn, lake: Column, masking: Masking) -> Masked:
        match masking.policy:
            case Policy.KEEP:
                return Masked(name(column.name), lake.type, "")
            case Policy.HMAC:
                return self._hmac(column, lake.type)
            case Policy.TRUNCATE:
                return _truncated(column, lake.type, masking)
            case Policy.GENERALISE:
                return _generalised(column, lake.type, masking)
            case Policy.DROP:
                raise _unsuitable(column, "is dropped, so there is nothing to mask")

    def _hmac(self, column: SourceColumn, kind: ColumnType) -> Masked:
        if self.key is None:
            raise HmacKeyMissing(
                "is to be exported as HMAC and there is no key.",
                remedy="Set EXPORT_HMAC_KEY to 32 characters or more, and keep it: another key gives other values.",
            )
        key = self.key.get_secret_value().encode()
        filled = HMAC.fill(
            outer=_padded(key, OUTER), inner=_padded(key, INNER), content=_bytes_of(column, name(column.name), kind)
        )
        return Masked(SecretSql(filled.text), Type.TEXT, "HMAC-SHA-256, hexadecimal, key " + key_name(key))


def key_name(key: bytes) -> str:
    """Eight hexadecimal characters that tell keys apart and nothing about them."""
    return hmac.new(key, b"name of an export key", hashlib.sha256).hexdigest()[:KEY_NAME_CHARACTERS]


def _padded(key: bytes, pad: int) -> Sql:
    block = (hashlib.sha256(key).digest() if len(key) > BLOCK_BYTES else key).ljust(BLOCK_BYTES, b"\x00")
    return literal(bytes(byte ^ pad for byte in block).hex())


def _bytes_of(column: SourceColumn, quoted: Sql, kind: ColumnType) -> Sql:
    """The value's text as PostgreSQL writes it, in UTF-8; of bytes, they themselves."""
    match kind:
        case Type.BYTES:
            return quoted
        case Type.TEXT:
            return Sql("encode({column})").fill(column=quoted)
        case Type.INT | Type.INT32 | Type.DATE:
            return Sql("encode(CAST({column} AS VARCHAR))").fill(column=quoted)
        case _:
            raise _unsuitable(column, f"is {kind.value}, whose text differs between programs", as_text=True)


def _truncated(column: SourceColumn, kind: ColumnType, masking: Masking) -> Masked:
    if kind is not Type.TEXT:
        raise _unsuitable(column, f"is {kind.value}; only text can be truncated", as_text=True)
    if masking.characters is None or masking.characters < 1:
        raise _unsuitable(column, "needs `characters`, 1 or more, to be truncated")
    expression = FIRST.fill(column=name(column.name), characters=Sql(str(masking.characters)))
    return Masked(expression, kind, f"the first {masking.characters} characters")


def _generalised(column: SourceColumn, kind: ColumnType, masking: Masking) -> Masked:
    cut = _CUTS.get(kind)
    if cut:
        return _cut(column, kind, masking, cut)
    if isinstance(kind, Decimal) or kind in {Type.INT, Type.INT32, Type.DOUBLE, Type.FLOAT}:
        return _rounded(column, kind, masking)
    raise _unsuitable(column, f"is {kind.value}; only times, days and numbers can be generalised")


def _cut(column: SourceColumn, kind: ColumnType, masking: Masking, cut: Sql) -> Masked:
    units = UNITS[:3] if kind is Type.DATE else UNITS
    if masking.to is None or masking.to not in units:
        raise _unsuitable(column, "needs `to`, one of " + ", ".join(units))
    expression = cut.fill(unit=literal(masking.to), column=name(column.name))
    return Masked(expression, kind, "cut to the " + masking.to)


def _rounded(column: SourceColumn, kind: ColumnType, masking: Masking) -> Masked:
    step = masking.to or ""
    if not NUMBER.fullmatch(step) or not float(step):
        raise _unsuitable(column, "needs `to`, a number above zero, whose multiples it is rounded down to")
    rounded = _decimal_floor if isinstance(kind, Decimal) else _float_floor if kind not in LEAST_INT else _int_floor
    return Masked(rounded(column, kind, step), kind, "rounded down to a multiple of " + step)


def _int_floor(column: SourceColumn, kind: ColumnType, step: str) -> Sql:
    if "." in step:
        raise _unsuitable(column, "holds whole numbers, so `to` must be one")
    wide = Sql("CAST({number} AS HUGEINT)")
    return FLOOR_INT.fill(
        column=name(column.name),
        step=wide.fill(number=literal(step)),
        least=wide.fill(number=literal(str(LEAST_INT[kind]))),
        type=Sql(kind.value),
    )


def _float_floor(column: SourceColumn, kind: ColumnType, step: str) -> Sql:
    number = Sql("CAST({number} AS DOUBLE)").fill(number=literal(step))
    return FLOOR_FLOAT.fill(column=name(column.name), step=number, type=Sql(kind.value))


def _decimal_floor(column: SourceColumn, kind: ColumnType, step: str) -> Sql:
    assert isinstance(kind, Decimal)  # noqa: S101 - told by `_rounded`
    whole, _, behind = step.partition(".")
    behind = behind.rstrip("0")
    if len(behind) > kind.scale or len(whole.lstrip("0")) > kind.precision - kind.scale:
        raise _unsuitable(column, f"is {kind.value}, which can not hold {step}")
    digits = "9" * kind.precision
    point = kind.precision - kind.scale
    least = "-" + (digits[:point] + "." + digits[point:]).rstrip(".")
    number = Sql("CAST({number} AS {type})")
    return FLOOR_DECIMAL.fill(
        column=name(column.name),
        step=number.fill(number=literal(step), type=Sql(kind.value)),
        least=number.fill(number=literal(least), type=Sql(kind.value)),
        type=Sql(kind.value),
    )


def _unsuitable(column: SourceColumn, told: str, *, as_text: bool = False) -> UnsuitableMask:
    remedy = f'Give it `types = {{{column.name} = "text"}}`, or another policy.' if as_text else "Change its masking."
    return UnsuitableMask(told + ".", remedy=remedy)


_CUTS: Mapping[ColumnType, Sql] = {
    Type.TIMESTAMP: CUT_MOMENT,
    Type.LOCAL_TIMESTAMP: CUT_LOCAL,
    Type.DATE: CUT_DAY,
}
