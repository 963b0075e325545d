select
    account,
    id as campaign_id,
    campaign,
    list_id,
    status,
    created_at,
    updated_at,
    started_at,
    _dlt_valid_from as valid_from,
    _dlt_valid_to as valid_to
from {{ stored('snovio', 'campaigns') }} as campaigns
