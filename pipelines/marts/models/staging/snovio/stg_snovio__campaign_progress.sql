select
    account,
    campaign_id,
    observed_at,
    status,
    unfinished,
    progress
from {{ stored('snovio', 'campaign_progress') }} as campaign_progress
