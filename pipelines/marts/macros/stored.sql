{#
  A table as the loads left it, or the same columns without a row where it was never loaded.
  Which tables there are is known when the models run; what columns they have stands in the code of the sources.
#}
{% macro stored(source_name, table) %}
    {%- set relation = source(source_name, table) -%}
    {%- if not execute or adapter.get_relation(relation.database, relation.schema, relation.identifier) -%}
        {{ relation }}
    {%- else -%}
        {%- set columns = var('columns').get(source_name, {}).get(table) -%}
        {%- if not columns -%}
            {{ exceptions.raise_compiler_error(relation ~ ' does not exist, and the variable columns does not tell what it would hold: build the marts with `outreach marts`') }}
        {%- endif -%}
        (
            select
            {%- for name, type in columns.items() %}
                cast(null as {{ sql_type(type) }}) as {{ adapter.quote(name) }}{{ ',' if not loop.last }}
            {%- endfor %}
            where false
        )
    {%- endif -%}
{% endmacro %}


{# A text column that the API may or may not show: null where it was never seen. #}
{% macro where_given(source_name, table, column) %}
    {%- set relation = source(source_name, table) -%}
    {%- set found = execute and adapter.get_relation(relation.database, relation.schema, relation.identifier) -%}
    {%- set names = adapter.get_columns_in_relation(found) | map(attribute='name') | list if found else [] -%}
    {%- if column in names -%} cast({{ adapter.quote(column) }} as {{ sql_type('text') }})
    {%- else -%} cast(null as {{ sql_type('text') }})
    {%- endif -%}
{% endmacro %}


{# The SQL type of one of dlt's. #}
{% macro sql_type(type) %}
    {%- set types = {
        'text': 'varchar', 'bigint': 'bigint', 'double': 'double precision', 'decimal': 'numeric(38, 9)',
        'bool': 'boolean', 'timestamp': 'timestamp with time zone', 'date': 'date',
        'json': 'jsonb' if target.type == 'postgres' else 'json',
    } -%}
    {{- types[type] -}}
{% endmacro %}
