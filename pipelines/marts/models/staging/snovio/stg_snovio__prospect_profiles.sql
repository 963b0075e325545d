select
    account,
    id as prospect_id,
    is_found,
    industry,
    country,
    locality,
    last_update_date as updated_at
from {{ stored('snovio', 'prospect_profiles') }} as prospect_profiles
