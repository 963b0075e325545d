select
    account,
    run_id,
    table_name,
    started_at,
    seconds,
    calls,
    rows,
    rejected,
    newest_row,
    swept,
    repaired,
    outcome,
    detail
from {{ stored('sendkit', 'sync_runs') }} as sync_runs
