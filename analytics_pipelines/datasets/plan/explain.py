"""Why something is not of a plan's shape: pydantic's errors as findings with pointers and near names."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ValidationError

from analytics_pipelines.datasets.plan.findings import (
    Code,
    Finding,
    did_you_mean,
    json_kind,
    listed,
    near_names,
    pointer_of,
    shown,
)
from analytics_pipelines.datasets.plan.model import (
    MOST_NAME_CHARACTERS,
    MOST_TEXT_CHARACTERS,
    MOST_VALUES,
    Bucket,
    ChartType,
    Filter,
    Measure,
    Method,
    Operation,
    Operator,
    Plan,
    Top,
)

Path = tuple[str | int, ...]
Detail = Mapping[str, Any]
MOST_FINDINGS = 100
CHOICES: Mapping[str, type[StrEnum]] = {
    "operation": Operation,
    "operator": Operator,
    "chart_type": ChartType,
    "method": Method,
    "bucket": Bucket,
}
PARTS: Mapping[str, type[BaseModel]] = {"filters": Filter, "measures": Measure, "top": Top}
OTHER_WORDS = {
    **dict.fromkeys(("avg", "average"), Operation.MEAN),
    **dict.fromkeys(("total", "add"), Operation.SUM),
    **dict.fromkeys(("stddev", "stdev", "standard_deviation", "sd"), Operation.STD),
    **dict.fromkeys(("minimum", "least", "lowest"), Operation.MIN),
    **dict.fromkeys(("maximum", "most", "highest"), Operation.MAX),
    **dict.fromkeys(("var",), Operation.VARIANCE),
    **dict.fromkeys(("percentile", "quartile"), Operation.QUANTILE),
    **dict.fromkeys(("nunique", "distinct", "unique"), Operation.COUNT_DISTINCT),
    **dict.fromkeys(("size", "len", "n"), Operation.COUNT),
    **dict.fromkeys(("percent", "percentage", "ratio"), Operation.SHARE),
    **dict.fromkeys(("corr",), Operation.CORRELATION),
    **dict.fromkeys(("ols", "linear_regression", "trend"), Operation.REGRESSION),
    **dict.fromkeys(("predict", "prediction"), Operation.FORECAST),
    **dict.fromkeys(("=", "===", "eq", "equals", "is"), Operator.EQUAL),
    **dict.fromkeys(("<>", "ne", "not_equal", "not equal"), Operator.NOT_EQUAL),
    **dict.fromkeys(("gt", "=>"), Operator.GREATER),
    **dict.fromkeys(("lt", "=<"), Operator.LESS),
    **dict.fromkeys(("gte", "ge", "≥"), Operator.AT_LEAST),
    **dict.fromkeys(("lte", "le", "≤"), Operator.AT_MOST),
    **dict.fromkeys(("isnull", "null", "is null", "isna"), Operator.IS_NULL),
    **dict.fromkeys(("like", "includes", "ilike"), Operator.CONTAINS),
    **dict.fromkeys(("column", "bars"), ChartType.BAR),
    **dict.fromkeys(("hist", "distribution"), ChartType.HISTOGRAM),
    **dict.fromkeys(("points", "dots"), ChartType.SCATTER),
    **dict.fromkeys(("boxplot", "violin"), ChartType.BOX),
}
"""What other programs call it; a near name that no comparison of letters would find."""
WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "model_type": "an object",
}


def explained(error: ValidationError) -> tuple[Finding, ...]:
    """A finding for each thing that is wrong, in the order of the fields; of very many the first hundred."""
    wrong = error.errors(include_url=False, include_context=True)
    found: dict[str, Finding] = {}
    for each in wrong:
        for finding in _explained(each["loc"], each):
            found.setdefault(finding.pointer + finding.code, finding)
        if len(found) >= MOST_FINDINGS:
            return (*list(found.values())[:MOST_FINDINGS], _more())
    return tuple(found.values())


def _explained(path: Path, detail: Detail) -> Iterator[Finding]:
    if path[:1] == ("filters",) and path[2:3] == ("value",):
        if len(path) == 4:  # noqa: PLR2004 - the alternatives for the whole value; those of its items lie deeper
            yield from _of_a_value(path[:3], detail["input"])
        return
    yield EXPLAINED.get(detail["type"], _otherwise)(path, detail)


def _unknown_field(path: Path, _detail: Detail) -> Finding:
    known = list(_model_at(path).model_fields)
    near = near_names(str(path[-1]), known)
    hint = did_you_mean(near) or "Known fields: " + ", ".join(known) + "."
    message = "The field " + shown(str(path[-1])) + " is not known."
    told = path if len(str(path[-1])) <= MOST_NAME_CHARACTERS else path[:-1]
    return _finding(told, Code.UNKNOWN_FIELD, message, hint)


def _missing(path: Path, _detail: Detail) -> Finding:
    described = _model_at(path).model_fields[str(path[-1])].description or ""
    return _finding(path, Code.MISSING_FIELD, "The field " + shown(path[-1]) + " is missing.", described)


def _no_choice(path: Path, detail: Detail) -> Finding:
    given, choices = detail["input"], [str(each) for each in CHOICES[str(path[-1])]]
    if not isinstance(given, str):
        return _wrong_type(path, {"type": "string_type", "input": given})
    meant = OTHER_WORDS.get(given.strip().casefold())
    near = [meant.value] if meant in choices else near_names(given.strip(), choices)
    kind = str(path[-1]).replace("_", " ")
    hint = did_you_mean(near) or "It is one of " + listed(choices) + "."
    return _finding(path, Code.UNKNOWN_CHOICE, "There is no " + kind + " " + shown(given) + ".", hint)


def _wrong_type(path: Path, detail: Detail) -> Finding:
    given = detail["input"]
    kind = json_kind(given) + (", " + shown(given) if isinstance(given, bool | int | float | str) else "")
    message = "This must be " + WANTED[detail["type"]] + "; given is " + kind + "."
    return _finding(path, Code.WRONG_TYPE, message)


def _too_long(path: Path, detail: Detail) -> Finding:
    most = str(detail["ctx"]["max_length"])
    what = "characters" if detail["type"] == "string_too_long" else "entries"
    return _finding(path, Code.TOO_LONG, "There are too many " + what + ".", "At most " + most + " are allowed.")


def _empty(path: Path, _detail: Detail) -> Finding:
    return _finding(path, Code.EMPTY, "The text is empty.", "Leave the field out, or name something.")


def _out_of_range(path: Path, detail: Detail) -> Finding:
    given, bounds = detail["input"], detail["ctx"]
    if given != given:  # noqa: PLR0124 - only NaN differs from itself
        return _finding(path, Code.NOT_FINITE, "The number is not finite.", "Give an ordinary number.")
    words = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
    said = " and ".join(f"{words[name]} {bound:g}" for name, bound in bounds.items() if name in words)
    return _finding(path, Code.OUT_OF_RANGE, shown(given) + " is out of range.", "It must be " + said + ".")


def _bad_text(path: Path, _detail: Detail) -> Finding:
    return _finding(path, Code.BAD_TEXT, "The text is not valid Unicode.", "Half a surrogate pair stands alone in it.")


def _otherwise(path: Path, detail: Detail) -> Finding:
    return _finding(path, Code.WRONG_TYPE, "This is not valid: " + str(detail["msg"]) + ".")


def _of_a_value(path: Path, value: object) -> Iterator[Finding]:
    """What is wrong with a filter's value; pydantic would tell for each alternative why it is none."""
    if not isinstance(value, list):
        yield from _of_a_scalar(path, value)
        return
    if len(value) > MOST_VALUES:
        yield _too_long(path, {"type": "too_long", "ctx": {"max_length": MOST_VALUES}})
    for number, each in enumerate(value[:MOST_VALUES]):
        yield from _of_a_scalar((*path, number), each)


def _of_a_scalar(path: Path, value: object) -> Iterator[Finding]:
    if isinstance(value, str) and len(value) > MOST_TEXT_CHARACTERS:
        yield _too_long(path, {"type": "string_too_long", "ctx": {"max_length": MOST_TEXT_CHARACTERS}})
    elif isinstance(value, str) and not _is_unicode(value):
        yield _bad_text(path, {})
    elif value is not None and not isinstance(value, bool | int | float | str):
        message = "A value is a text, a number, true or false; given is " + json_kind(value) + "."
        yield _finding(path, Code.WRONG_TYPE, message)


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _model_at(path: Path) -> type[BaseModel]:
    return PARTS.get(str(path[0]), Plan) if len(path) > 1 else Plan


def _finding(path: Sequence[str | int], code: Code, message: str, hint: str = "") -> Finding:
    return Finding(pointer=pointer_of(*path), code=code, message=message, hint=hint)


def _more() -> Finding:
    hint = "Correct these first."
    return Finding(pointer="", code=Code.TOO_MANY_FINDINGS, message="There is more that is wrong.", hint=hint)


EXPLAINED = {
    "extra_forbidden": _unknown_field,
    "invalid_key": _unknown_field,
    "missing": _missing,
    "enum": _no_choice,
    **dict.fromkeys(WANTED, _wrong_type),
    **dict.fromkeys(("too_long", "string_too_long"), _too_long),
    "string_too_short": _empty,
    "string_unicode": _bad_text,
    **dict.fromkeys(("greater_than", "greater_than_equal", "less_than", "less_than_equal"), _out_of_range),
}
