-- One row per day from the first activity to the last: what metrics are asked over.
with ends as (
    select min(date) as first_day, max(date) as last_day
    from {{ ref('outreach__campaign_daily') }}
),

digits as (
    {% for digit in range(10) %}select {{ digit }} as n {{ 'union all' if not loop.last }} {% endfor %}
),

numbers as (
    select thousands.n * 1000 + hundreds.n * 100 + tens.n * 10 + ones.n as n
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
)

select ends.first_day + cast(numbers.n as integer) as date
from ends
join numbers on ends.first_day + cast(numbers.n as integer) <= ends.last_day
