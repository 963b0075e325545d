select
    account,
    campaign_id,
    contact,
    reply_type,
    occurrence,
    position,
    subject,
    message,
    received_at,
    {{ where_given('snovio', 'campaign_reply_messages', 'mood') }} as mood,
    {{ where_given('snovio', 'campaign_reply_messages', 'step_number') }} as step_number
from {{ stored('snovio', 'campaign_reply_messages') }} as campaign_reply_messages
