select
    account,
    campaign_id,
    step_id,
    content_id,
    subject,
    usage,
    _dlt_valid_from as valid_from,
    _dlt_valid_to as valid_to
from {{ stored('snovio', 'email_step_contents') }} as email_step_contents
