select
    account,
    campaign_id,
    contact,
    reply_type,
    occurrence,
    prospect_email_lower as email,
    prospect_name as name,
    linked_in_profile as linkedin_profile,
    received_at as first_received_at,
    {{ where_given('snovio', 'campaign_replies', 'mood') }} as mood,
    {{ where_given('snovio', 'campaign_replies', 'step_number') }} as step_number
from {{ stored('snovio', 'campaign_replies') }} as campaign_replies
