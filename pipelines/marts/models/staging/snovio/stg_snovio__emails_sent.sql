select
    account,
    campaign_id,
    event_date as activity_date,
    sent_date as occurred_at,
    user_email_lower as email,
    user_name as name,
    occurrence,
    _dlt_load_id as load_id
from {{ stored('snovio', 'emails_sent') }} as emails_sent
