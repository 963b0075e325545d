select
    account,
    endpoint,
    row_hash,
    campaign_id,
    list_id,
    reason,
    rejected_at
from {{ stored('snovio', 'rejected_rows') }} as rejected_rows
