select
    account,
    campaign_id,
    date,
    {{ json_number('payload', 'sent') }} as emails_sent,
    {{ json_number('payload', 'opened') }} as opened,
    {{ json_number('payload', 'clicked') }} as clicked,
    {{ json_number('payload', 'bounced') }} as bounced,
    {{ json_number('payload', 'replied') }} as replied
from {{ stored('sendkit', 'campaign_daily_analytics') }} as campaign_daily_analytics
