select
    account,
    campaign_id,
    lower(user_email) as email,
    user_name as name,
    _dlt_valid_from as valid_from,
    _dlt_valid_to as valid_to
from {{ stored('snovio', 'completed_prospects') }} as completed_prospects
