{# A share of a whole, 0 to 1; null where the whole is empty. #}
{% macro share(part, whole) -%}
    cast({{ part }} as double precision) / nullif({{ whole }}, 0)
{%- endmacro %}


{# The UTC day of an instant, whatever the session's zone. #}
{% macro utc_day(instant) -%}
    cast(({{ instant }}) at time zone 'UTC' as date)
{%- endmacro %}


{# Seconds from one instant to another. #}
{% macro seconds_between(earlier, later) -%}
    cast(extract(epoch from ({{ later }} - {{ earlier }})) as double precision)
{%- endmacro %}


{# A whole number inside a JSON object; null where it is none. #}
{% macro json_number(column, name) -%}
    case when ({{ column }} ->> '{{ name }}') is not null
        then cast(cast({{ column }} ->> '{{ name }}' as double precision) as bigint) end
{%- endmacro %}


{# Who somebody is within a campaign: the address, or the name of a person without one. #}
{% macro contact_of(email, name) -%}
    coalesce(nullif({{ email }}, ''), lower({{ name }}), '')
{%- endmacro %}


{# A key of one column from several: two values that differ give two keys. #}
{% macro key_of(columns) -%}
    md5(
    {%- for column in columns %}
        coalesce(cast({{ column }} as varchar), '∅'){{ " || '|' ||" if not loop.last }}
    {%- endfor %}
    )
{%- endmacro %}
