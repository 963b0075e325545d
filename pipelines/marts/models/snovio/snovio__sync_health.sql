-- One row per account and table: how its reads went, and whether it is up to date.
with runs as (
    select
        *,
        row_number() over (partition by account, table_name order by started_at desc, run_id desc) as newest
    from {{ ref('stg_snovio__sync_runs') }}
),

summed as (
    select
        account,
        table_name,
        count(*) as loads,
        cast(sum(calls) as bigint) as calls,
        max(newest_row) as newest_row,
        max(case when outcome = 'ok' then started_at end) as last_ok_at,
        max(case when swept > 0 then started_at end) as last_swept_at,
        cast(coalesce(sum(repaired), 0) as bigint) as repaired
    from runs
    group by account, table_name
),

rejected as (
    select account, endpoint as table_name, count(*) as rejected_rows
    from {{ ref('stg_snovio__rejected_rows') }}
    group by account, endpoint
),

judged as (
    select
        newest_runs.account,
        newest_runs.table_name,
        newest_runs.started_at as last_load_at,
        newest_runs.outcome as last_outcome,
        newest_runs.detail as last_detail,
        newest_runs.rows as last_rows,
        newest_runs.calls as last_calls,
        newest_runs.seconds as last_seconds,
        summed.last_ok_at,
        summed.last_swept_at,
        summed.loads,
        summed.calls,
        summed.repaired,
        summed.newest_row,
        coalesce(rejected.rejected_rows, 0) as rejected_rows,
        coalesce(newest_runs.detail like '%probe is off%', false) as is_probe_off,
        {{ seconds_between('newest_runs.started_at', dbt.current_timestamp()) }} / 3600 as hours_since_load,
        {{ seconds_between('summed.newest_row', 'newest_runs.started_at') }} / 3600 as hours_of_lag
    from runs as newest_runs
    join summed
        on summed.account = newest_runs.account
        and summed.table_name = newest_runs.table_name
    left join rejected
        on rejected.account = newest_runs.account
        and rejected.table_name = newest_runs.table_name
    where newest_runs.newest = 1
)

select
    *,
    case
        when last_outcome = 'failed' then 'failing'
        when hours_since_load > {{ var('late_hours') }} then 'late'
        when last_outcome <> 'ok' then 'unfinished'
        else 'fresh'
    end as verdict
from judged
