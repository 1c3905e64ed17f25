"""The functions that SQL may call: those of DuckDB 1.5.5 that compute on their arguments and do nothing else.

Left out on purpose: what reads files, settings, variables, secrets, logs, the catalog or other statements; what waits;
what has effects (sequences, logging, seeds); what takes apart the engine's own states (`finalize`, `stats`,
`create_sort_key`, geometries and variants from raw bytes); and what runs SQL, or a table, that is named by a text.
A function that a new version brings is refused until it stands here.
"""

from collections.abc import Callable
from typing import Any

from analytics_pipelines.sql_service.errors import QueryRefused
from analytics_pipelines.sql_service.gate.names import CATALOG_HINT, IMPORT_HINT, clipped, near, small, words

Place = Callable[[], str]
"""Says where, for the end of a sentence; asked in case of an error alone."""

CALL_HINT = "Call functions that compute on their arguments and do nothing else."
OPERATORS = words(
    """
    !__postfix !~~ !~~* % & && * ** + - -> ->> / // <-> << <=> <@ >> @ @> ^ ^@ | || ~ ~~ ~~* ~~~ add divide multiply
    subtract ilike_escape like_escape not_ilike_escape not_like_escape xor
    """
)
NUMBERS = words(
    """
    abs acos acosh asin asinh atan atan2 atanh bar bin bit_count bit_length bit_position cbrt ceil ceiling cos cosh cot
    degrees even exp factorial fdiv floor fmod format_bytes formatreadabledecimalsize formatreadablesize gamma gcd
    get_bit greatest greatest_common_divisor isfinite isinf isnan lcm least least_common_multiple lgamma ln log log10
    log2 mod nextafter parse_formatted_bytes pi pow power radians random round round_even roundbankers set_bit sign
    signbit sin sinh sqrt tan tanh to_base to_binary to_hex trunc equi_width_bins bitstring from_binary from_hex hex
    unbin unhex
    """
)
TEXTS = words(
    """
    array_to_string array_to_string_comma_default ascii base64 char_length character_length chr concat concat_ws
    contains damerau_levenshtein decode editdist3 encode ends_with format from_base64 hamming instr jaccard
    jaro_similarity jaro_winkler_similarity lcase left left_grapheme length length_grapheme len levenshtein lower lpad
    ltrim md5 md5_number md5_number_lower md5_number_upper mismatches nfc_normalize octet_length ord parse_dirname
    parse_dirpath parse_filename parse_path pg_size_pretty position prefix printf regexp_escape regexp_extract
    regexp_extract_all regexp_full_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table
    repeat replace reverse right right_grapheme rpad rtrim sha1 sha256 split split_part starts_with str_split
    str_split_regex string_split string_split_regex string_to_array strip_accents strlen strpos substr substring
    substring_grapheme suffix to_base64 translate trim ucase unicode upper url_decode url_encode
    """
)
TIMES = words(
    """
    age ago century current_date current_localtime current_localtimestamp date_add date_diff date_part date_sub
    date_trunc datediff datepart datesub datetrunc day dayname dayofmonth dayofweek dayofyear days_in_month decade
    epoch epoch_ms epoch_ns epoch_us era get_current_time get_current_timestamp hour isodow isoyear julian last_day
    make_date make_time make_timestamp make_timestamp_ms make_timestamp_ns make_timestamptz microsecond millennium
    millisecond minute month monthname nanosecond normalized_interval now quarter second strftime strptime time_bucket
    timezone timezone_hour timezone_minute to_centuries to_days to_decades to_hours to_microseconds to_millennia
    to_milliseconds to_minutes to_months to_quarters to_seconds to_timestamp to_weeks to_years today
    transaction_timestamp try_strptime week weekday weekofyear year yearweek
    """
)
ABOUT = words(
    """
    alias current_catalog current_database current_role current_schema current_user error gen_random_uuid hash nullif
    pg_typeof session_user typeof user uuid uuid_extract_timestamp uuid_extract_version uuidv4 uuidv7 version
    """
)
NESTED = words(
    """
    aggregate apply array_aggr array_aggregate array_append array_apply array_cat array_concat array_contains
    array_cosine_distance array_cosine_similarity array_cross_product array_distance array_distinct array_dot_product
    array_extract array_filter array_grade_up array_has array_has_all array_has_any array_indexof array_inner_product
    array_intersect array_length array_negative_dot_product array_negative_inner_product array_pop_back
    array_pop_front array_position array_prepend array_push_back array_push_front array_reduce array_resize
    array_reverse array_reverse_sort array_select array_slice array_sort array_transform array_unique array_value
    array_where array_zip cardinality element_at enum_code enum_first enum_last enum_range enum_range_boundary filter
    flatten generate_series generate_subscripts grade_up list_aggr list_aggregate list_any_value list_append
    list_apply list_approx_count_distinct list_avg list_bit_and list_bit_or list_bit_xor list_bool_and list_bool_or
    list_cat list_concat list_contains list_cosine_distance list_cosine_similarity list_count list_distance
    list_distinct list_dot_product list_element list_entropy list_extract list_filter list_first list_grade_up
    list_has list_has_all list_has_any list_histogram list_indexof list_inner_product list_intersect list_kurtosis
    list_kurtosis_pop list_last list_mad list_max list_median list_min list_mode list_negative_dot_product
    list_negative_inner_product list_pack list_position list_prepend list_product list_reduce list_resize
    list_reverse list_reverse_sort list_select list_sem list_skewness list_slice list_sort list_stddev_pop
    list_stddev_samp list_string_agg list_sum list_transform list_unique list_value list_var_pop list_var_samp
    list_where list_zip map map_concat map_contains map_contains_entry map_contains_value map_entries map_extract
    map_extract_value map_from_entries map_keys map_values range reduce row struct_concat struct_contains
    struct_extract struct_extract_at struct_has struct_indexof struct_insert struct_keys struct_pack struct_position
    struct_update struct_values union_extract union_tag union_value unnest unpivot_list variant_extract variant_typeof
    """
)
JSON = words(
    """
    array_to_json from_json from_json_strict json json_array json_array_length json_contains json_exists json_extract
    json_extract_path json_extract_path_text json_extract_string json_group_array json_group_object
    json_group_structure json_keys json_merge_patch json_object json_pretty json_quote json_structure json_transform
    json_transform_strict json_type json_valid json_value row_to_json to_json
    """
)
AGGREGATES = words(
    """
    any_value approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_max_null arg_max_nulls_last
    arg_min arg_min_null arg_min_nulls_last argmax argmin array_agg avg bit_and bit_or bit_xor bitstring_agg bool_and
    bool_or corr count count_if count_star countif covar_pop covar_samp entropy favg first fsum geomean geometric_mean
    group_concat histogram histogram_exact kahan_sum kurtosis kurtosis_pop last list listagg mad max max_by mean median
    min min_by mode product quantile quantile_cont quantile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2
    regr_slope regr_sxx regr_sxy regr_syy reservoir_quantile sem skewness stddev stddev_pop stddev_samp string_agg sum
    sumkahan var_pop var_samp variance wavg weighted_avg
    """
)
WINDOWS = words(
    """
    cume_dist dense_rank fill first_value lag last_value lead nth_value ntile percent_rank rank rank_dense row_number
    """
)
CALLED = OPERATORS | NUMBERS | TEXTS | TIMES | ABOUT | NESTED | JSON | AGGREGATES | WINDOWS
TABLES = words(
    """
    generate_series icu_calendar_names json_each json_tree pg_timezone_names range repeat repeat_row test_all_types
    unnest
    """
)
NAME_THEIR_FUNCTION = frozenset({"aggregate", "array_aggr", "array_aggregate", "list_aggr", "list_aggregate"})
VOLATILE = words(
    """
    ago current_date current_localtime current_localtimestamp gen_random_uuid get_current_time get_current_timestamp now
    pg_timezone_names random reservoir_quantile today transaction_timestamp uuid uuidv4 uuidv7
    """
)
VOLATILE_WORDS = frozenset({"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"})
"""Written like columns."""


def check_called(call: dict[str, Any], place: Place) -> bool:
    """Whether the function gives the same each time; raises `QueryRefused` of one that may not be called.

    A schema before its name is what the function is called on (`title.upper()`), or a schema of the engine's; neither
    holds functions of other people.
    """
    name = small(str(call.get("function_name", "")))
    children = call.get("children") or []
    if name not in CALLED:
        raise refused_function(name, CALLED, place)
    if name in NAME_THEIR_FUNCTION:
        _check_named(call, place)
    return name not in VOLATILE and not (name == "age" and len(children) == 1)


def check_table_function(call: dict[str, Any], place: Place) -> bool:
    """Whether the function gives the same rows each time; raises `QueryRefused` of one that may not stand in FROM."""
    name = small(str(call.get("function_name", "")))
    is_qualified = call.get("catalog") or call.get("schema", "main") != "main"
    if call.get("class") != "FUNCTION" or is_qualified or name not in TABLES:
        raise refused_function(name, TABLES, place)
    return name not in VOLATILE


def refused_function(name: str, known: frozenset[str], place: Place) -> QueryRefused:
    """The error of a function that is not on the list."""
    otherwise = f"{CATALOG_HINT} {IMPORT_HINT}" if known is TABLES else CALL_HINT
    return QueryRefused(
        f'The function "{clipped(name)}" may not be called here{place()}.',
        remedy=near(name, known).rstrip() or otherwise,
    )


def _check_named(call: dict[str, Any], place: Place) -> None:
    """The second argument names an aggregate, which has to be readable here.

    Called on a column (`sums.list_aggregate('max')`), the column is the first argument and all others move on by one.
    """
    children = call.get("children") or []
    if call.get("schema") or call.get("catalog"):
        raise QueryRefused(
            f"A function that is told an aggregate is not called on something{place()}.",
            remedy="list_aggregate(values, 'max')",
        )
    second = children[1] if len(children) > 1 and isinstance(children[1], dict) else {}
    value = second.get("value") if second.get("class") == "CONSTANT" else None
    name = value.get("value") if isinstance(value, dict) else None
    if not isinstance(name, str):
        raise QueryRefused(f"The name of an aggregate function has to be a text literal{place()}.")
    if small(name) not in AGGREGATES:
        raise refused_function(name, AGGREGATES, place)
