select
    account,
    list_id,
    id as prospect_id,
    occurrence,
    email_lower as email,
    probability,
    is_verified
from {{ stored('snovio', 'list_prospect_emails') }} as list_prospect_emails
