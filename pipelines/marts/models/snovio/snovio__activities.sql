-- Every event once, in one shape. Of a campaign that several accounts return, the chosen account's events count.
with events as (
    select events.*, campaigns.campaign
    from {{ ref('int_snovio__events') }} as events
    left join {{ ref('int_snovio__campaigns') }} as campaigns on campaigns.campaign_id = events.campaign_id
    where campaigns.account is null or campaigns.account = events.account
),

-- The e-mail that an event follows: the last one sent to the same person of the campaign until then.
following as (
    select
        *,
        max(case when type = 'sent' then occurred_at end) over before_it as sent_at,
        count(case when type = 'sent' then 1 end) over before_it as email_number
    from events
    window before_it as (
        partition by account, campaign_id, contact
        order by occurred_at, case when type = 'sent' then 0 else 1 end, occurrence
        rows between unbounded preceding and current row
    )
)

select
    {{ key_of(['account', 'campaign_id', 'type', 'contact', 'name', 'occurred_at', 'occurrence']) }} as activity_key,
    account,
    campaign_id,
    campaign,
    activity_date,
    occurred_at,
    type,
    case when type like 'linkedin%' then 'linkedin' else 'email' end as channel,
    contact,
    email,
    name,
    occurrence,
    sender_email,
    email_subject,
    case when email_number > 0 then email_number end as email_number,
    sent_at,
    case when type <> 'sent' then {{ seconds_between('sent_at', 'occurred_at') }} end as seconds_after_sending,
    coalesce(
        type in ('open', 'click') and {{ seconds_between('sent_at', 'occurred_at') }} <= {{ var('machine_seconds') }},
        false
    ) as is_machine_like,
    source_table
from following
