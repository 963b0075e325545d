select
    account,
    campaign_id,
    read_at,
    stats__sent as emails_sent,
    stats__delivered as delivered,
    stats__opened as opened,
    stats__clicked as clicked,
    stats__bounced as bounced,
    stats__replied as people_replied,
    stats__unsubscribed as people_unsubscribed
from {{ stored('sendkit', 'campaign_analytics') }} as campaign_analytics
