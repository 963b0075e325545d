{# No two rows agree in all of these columns. #}
{% test unique_together(model, columns) %}
    select {{ columns | join(', ') }}, count(*) as agreeing
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}


{# A share lies between 0 and 1. Beyond is worth a look, no fault: while days are not read yet, more people may have
   replied than were written to. #}
{% test between_0_and_1(model, column_name) %}
    {{ config(severity='warn') }}
    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} not between 0 and 1
{% endtest %}
