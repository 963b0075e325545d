select
    account,
    id as warmup_id,
    email_account__id as sender_id,
    status,
    deliverability,
    sent_today,
    daily_limit,
    _dlt_valid_from as valid_from,
    _dlt_valid_to as valid_to
from {{ stored('snovio', 'warmups') }} as warmups
