-- One row per campaign of any tool, in the columns that all of them have.
with sendkit_versions as (
    select
        *,
        row_number() over (partition by account, campaign_id order by valid_from desc) as newest
    from {{ ref('stg_sendkit__campaigns') }}
),

sendkit_campaigns as (
    select
        *,
        count(*) over (partition by campaign_id) as accounts,
        row_number() over (
            partition by campaign_id order by case when valid_to is null then 0 else 1 end, valid_from, account
        ) as choice
    from sendkit_versions
    where newest = 1
),

campaigns as (
    select
        'snovio' as tool,
        account,
        cast(campaign_id as varchar) as campaign_id,
        accounts,
        campaign,
        lower(status) as status,
        created_at,
        started_at,
        is_gone,
        emails_sent,
        emails_bounced,
        people_emailed,
        people_opened as opened,
        'people' as opened_counts,
        people_clicked as clicked,
        people_replied,
        people_unsubscribed
    from {{ ref('snovio__campaigns') }}

    union all

    select
        'sendkit' as tool,
        campaigns.account,
        campaigns.campaign_id,
        campaigns.accounts,
        campaigns.campaign,
        lower(campaigns.status) as status,
        campaigns.created_at,
        campaigns.started_at,
        campaigns.valid_to is not null as is_gone,
        analytics.emails_sent,
        analytics.bounced as emails_bounced,
        cast(null as bigint) as people_emailed,
        analytics.opened,
        'unknown' as opened_counts,
        analytics.clicked,
        analytics.people_replied,
        analytics.people_unsubscribed
    from sendkit_campaigns as campaigns
    left join {{ ref('stg_sendkit__campaign_analytics') }} as analytics
        on analytics.account = campaigns.account
        and analytics.campaign_id = campaigns.campaign_id
    where campaigns.choice = 1
)

select
    {{ key_of(['tool', 'campaign_id']) }} as campaign_key,
    tool,
    account,
    campaign_id,
    accounts,
    campaign,
    status,
    created_at,
    started_at,
    is_gone,
    emails_sent,
    emails_bounced,
    people_emailed,
    opened,
    opened_counts,
    clicked,
    people_replied,
    people_unsubscribed,
    {{ share('people_replied', 'people_emailed') }} as reply_rate,
    {{ share('people_replied', 'emails_sent') }} as replies_per_email,
    {{ share('emails_bounced', 'emails_sent') }} as bounce_rate
from campaigns
