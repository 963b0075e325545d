select
    account,
    id as campaign_id,
    tracking__open as tracks_opens,
    tracking__link_click as tracks_clicks,
    priority,
    timezone,
    sequence__entry as first_step_id,
    _dlt_valid_from as valid_from,
    _dlt_valid_to as valid_to
from {{ stored('snovio', 'campaign_details') }} as campaign_details
