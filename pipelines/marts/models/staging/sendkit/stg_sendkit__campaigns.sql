select
    account,
    id as campaign_id,
    name as campaign,
    status,
    started_at,
    completed_at,
    created_at,
    track_opens,
    track_clicks,
    _dlt_valid_from as valid_from,
    _dlt_valid_to as valid_to
from {{ stored('sendkit', 'campaigns') }} as campaigns
