select
    account,
    campaign_id,
    id as member_id,
    lead_id,
    lower(email) as email,
    status
from {{ stored('sendkit', 'campaign_leads') }} as campaign_leads
