select
    account,
    id as sender_id,
    sender_name as name,
    lower(email_from) as email,
    valid,
    suspended,
    limitation as daily_limit,
    provider,
    _dlt_valid_from as valid_from,
    _dlt_valid_to as valid_to
from {{ stored('snovio', 'sender_accounts') }} as sender_accounts
