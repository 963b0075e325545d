{# `marts` for the marts, `marts_staging` for what they are made of, `marts_history` for what cannot be made again. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema }}{{ '_' ~ custom_schema_name | trim if custom_schema_name }}
{%- endmacro %}
