select
    account,
    campaign_id,
    email_lower as email,
    exist as is_recipient,
    status
from {{ stored('snovio', 'recipient_statuses') }} as recipient_statuses
