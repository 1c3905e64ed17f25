"""What a tree may consist of, as the engine's parser names it; anything else is refused."""

from analytics_pipelines.sql_service.gate.names import words

KEYS = words(
    """
    aggregate_handling aggregates alias aliases arg_orders at_clause case_checks cast_type catalog catalog_name child
    children class collation column column_name_alias column_names columns comparison_type condition cte_map cte_name
    delim_flipped distinct distinct_on_targets duplicate_eliminated_columns else_expr end end_expr entries
    exclude_clause exclude_list export_state expr expression filter filter_expr from_table function function_name
    group_expressions group_sets groups having identifier ignore_nulls include_nulls index input is_implicit is_null
    is_lateral is_operator join_type key key_targets left lhs limit lower map materialized modifiers
    named_param_map node null_order offset offset_expr default_expr order_bys orders partitions pivot_enum
    pivot_expressions pivots qualified_column_names qualified_exclude_list qualify query query_location ref_type
    relation_name rename_list replace_list right sample schema schema_name select_list setop_all setop_type show_type
    source start start_expr star_expr subquery subquery_type syntax_type table table_name then_expr try_cast type
    union_all unpivot_names upper using_columns value values when_expr where_clause with_ordinality
    """
)
EXPRESSIONS = words(
    """
    BETWEEN CASE CAST COLLATE COLUMN_REF COMPARISON CONJUNCTION CONSTANT FUNCTION LAMBDA OPERATOR PARAMETER
    POSITIONAL_REFERENCE STAR SUBQUERY WINDOW
    """
)
OPERATORS = words(
    """
    ARRAY_CONSTRUCTOR ARRAY_EXTRACT ARRAY_SLICE ARROW COMPARE_IN COMPARE_NOT_IN GROUPING_FUNCTION OPERATOR_COALESCE
    OPERATOR_IS_NOT_NULL OPERATOR_IS_NULL OPERATOR_NOT OPERATOR_NULLIF OPERATOR_TRY OPERATOR_UNPACK STRUCT_EXTRACT
    """
)
QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE"})
RECURSION = "RECURSIVE_CTE_NODE"
MODIFIERS = words(
    """
    ASCENDING DESCENDING DISTINCT_MODIFIER LIMIT_MODIFIER LIMIT_PERCENT_MODIFIER ORDER_DEFAULT ORDER_MODIFIER
    """
)
TABLES = frozenset({"EMPTY", "EXPRESSION_LIST", "JOIN", "PIVOT", "SUBQUERY"})
SHOWN = frozenset({"DESCRIBE", "SUMMARY"})
