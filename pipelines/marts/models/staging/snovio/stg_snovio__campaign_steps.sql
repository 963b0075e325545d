select
    account,
    campaign_id,
    step_id,
    step_index,
    type,
    next as next_step_id,
    waiting_type,
    waiting_val as waiting,
    action,
    goal_name,
    subject,
    _dlt_valid_from as valid_from,
    _dlt_valid_to as valid_to
from {{ stored('snovio', 'campaign_steps') }} as campaign_steps
