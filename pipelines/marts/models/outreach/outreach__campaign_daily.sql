-- One row per campaign of any tool and day, in counts that add up.
with days as (
    select
        'snovio' as tool,
        account,
        cast(campaign_id as varchar) as campaign_id,
        date,
        emails_sent,
        emails_bounced,
        new_people_emailed,
        replies
    from {{ ref('snovio__campaign_daily') }}

    union all

    select
        'sendkit' as tool,
        account,
        campaign_id,
        date,
        emails_sent,
        bounced as emails_bounced,
        cast(null as bigint) as new_people_emailed,
        replied as replies
    from {{ ref('stg_sendkit__campaign_daily_analytics') }}
)

select
    {{ key_of(['days.tool', 'days.campaign_id', 'days.date']) }} as campaign_day_key,
    campaigns.campaign_key,
    days.tool,
    days.account,
    days.campaign_id,
    campaigns.campaign,
    days.date,
    days.emails_sent,
    days.emails_bounced,
    days.new_people_emailed,
    days.replies
from days
left join {{ ref('outreach__campaigns') }} as campaigns
    on campaigns.tool = days.tool
    and campaigns.campaign_id = days.campaign_id
where campaigns.account is null or campaigns.account = days.account
