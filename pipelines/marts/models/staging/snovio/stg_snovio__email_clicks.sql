select
    account,
    campaign_id,
    event_date as activity_date,
    visited_at as occurred_at,
    prospect_email_lower as email,
    prospect_name as name,
    occurrence,
    email_subject,
    _dlt_load_id as load_id
from {{ stored('snovio', 'email_clicks') }} as email_clicks
