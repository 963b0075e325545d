select
    account,
    campaign_id,
    event_date as activity_date,
    event_time as occurred_at,
    event_type as type,
    recipient_email_lower as email,
    recipient_name as name,
    occurrence,
    sender_email,
    email_subject,
    company,
    job_position,
    industry,
    country,
    location,
    _dlt_load_id as load_id
from {{ stored('snovio', 'recipient_activity') }} as recipient_activity
