-- One row per e-mail account that sends, also after it was removed.
with versions as (
    select
        *,
        row_number() over (partition by account, sender_id order by valid_from desc) as newest
    from {{ ref('stg_snovio__sender_accounts') }}
),

senders as (
    select
        *,
        count(*) over (partition by sender_id) as accounts,
        row_number() over (
            partition by sender_id order by case when valid_to is null then 0 else 1 end, valid_from, account
        ) as choice
    from versions
    where newest = 1
),

events as (
    select
        lower(sender_email) as sender_email,
        count(distinct campaign_id) as campaigns,
        count(*) filter (where type = 'sent') as emails_sent,
        count(*) filter (where type = 'bounce') as emails_bounced,
        count(distinct case when type = 'sent' then contact end) as people_emailed,
        count(distinct case when type = 'reply' then contact end) as people_replied,
        max(case when type = 'sent' then occurred_at end) as last_sent_at
    from {{ ref('snovio__activities') }}
    where sender_email is not null
    group by lower(sender_email)
),

checks as (
    select *
    from (
        select
            account, sender_id, smtp__status, imap__status, observed_at,
            row_number() over (partition by account, sender_id order by observed_at desc) as newest
        from {{ ref('stg_snovio__sender_account_checks') }}
    ) as observations
    where newest = 1
),

warmups as (
    select account, sender_id, max(status) as status, max(deliverability) as deliverability
    from {{ ref('stg_snovio__warmups') }}
    where valid_to is null
    group by account, sender_id
)

select
    senders.account,
    senders.sender_id,
    senders.accounts,
    senders.email as email_from,
    senders.name,
    senders.valid as is_valid,
    senders.suspended as is_suspended,
    senders.valid_to as gone_at,
    senders.provider,
    senders.daily_limit,
    checks.smtp__status as smtp_status,
    checks.imap__status as imap_status,
    checks.observed_at as checked_at,
    warmups.status as warmup_status,
    warmups.deliverability,
    coalesce(events.campaigns, 0) as campaigns,
    coalesce(events.emails_sent, 0) as emails_sent,
    coalesce(events.emails_bounced, 0) as emails_bounced,
    coalesce(events.people_emailed, 0) as people_emailed,
    coalesce(events.people_replied, 0) as people_replied,
    {{ share('events.emails_bounced', 'events.emails_sent') }} as bounce_rate,
    {{ share('events.people_replied', 'events.people_emailed') }} as reply_rate,
    events.last_sent_at
from senders
left join events on events.sender_email = senders.email
left join checks
    on checks.account = senders.account
    and checks.sender_id = senders.sender_id
left join warmups
    on warmups.account = senders.account
    and warmups.sender_id = senders.sender_id
where senders.choice = 1
