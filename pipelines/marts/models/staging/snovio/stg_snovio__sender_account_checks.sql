select
    account,
    sender_account_id as sender_id,
    observed_at,
    smtp__status,
    imap__status
from {{ stored('snovio', 'sender_account_checks') }} as sender_account_checks
