-- One row per reply. The list of all replies has the texts and LinkedIn; where it shows no e-mail of a person, the
-- list of replies by e-mail stands in, without a text.
with messages as (
    select
        messages.account,
        messages.campaign_id,
        messages.contact,
        threads.email,
        threads.name,
        threads.linkedin_profile,
        messages.reply_type,
        messages.received_at,
        messages.subject,
        messages.message,
        coalesce(messages.mood, threads.mood) as mood,
        coalesce(messages.step_number, threads.step_number) as step_number,
        messages.occurrence,
        messages.position,
        'campaign_reply_messages' as source_table
    from {{ ref('stg_snovio__campaign_reply_messages') }} as messages
    left join {{ ref('stg_snovio__campaign_replies') }} as threads
        on threads.account = messages.account
        and threads.campaign_id = messages.campaign_id
        and threads.contact = messages.contact
        and threads.reply_type = messages.reply_type
        and threads.occurrence = messages.occurrence
),

answered as (
    select distinct account, campaign_id, contact
    from messages
    where reply_type = 'email'
),

listed as (
    select
        replies.account,
        replies.campaign_id,
        replies.contact,
        replies.email,
        replies.name,
        cast(null as varchar) as linkedin_profile,
        'email' as reply_type,
        replies.occurred_at as received_at,
        replies.email_subject as subject,
        cast(null as varchar) as message,
        cast(null as varchar) as mood,
        cast(null as varchar) as step_number,
        replies.occurrence,
        row_number() over (
            partition by replies.account, replies.campaign_id, replies.contact
            order by replies.occurred_at, replies.occurrence
        ) - 1 as position,
        replies.source_table
    from {{ ref('int_snovio__events') }} as replies
    left join answered
        on answered.account = replies.account
        and answered.campaign_id = replies.campaign_id
        and answered.contact = replies.contact
    where replies.type = 'reply' and answered.contact is null
),

replies as (
    select * from messages
    union all
    select * from listed
)

select
    {{ key_of(['replies.campaign_id', 'replies.contact', 'replies.reply_type', 'replies.occurrence', 'replies.position', 'replies.source_table']) }} as reply_key,
    replies.account,
    replies.campaign_id,
    campaigns.campaign,
    replies.contact,
    nullif(replies.email, '') as email,
    replies.name,
    replies.linkedin_profile,
    replies.reply_type,
    case when replies.reply_type like 'linkedin%' then 'linkedin' else 'email' end as channel,
    replies.received_at,
    {{ utc_day('replies.received_at') }} as received_on,
    row_number() over (
        partition by replies.account, replies.campaign_id, replies.contact, replies.reply_type
        order by replies.received_at, replies.occurrence, replies.position
    ) as reply_number,
    replies.subject,
    replies.message,
    replies.mood,
    replies.step_number,
    replies.source_table
from replies
left join {{ ref('int_snovio__campaigns') }} as campaigns on campaigns.campaign_id = replies.campaign_id
where campaigns.account is null or campaigns.account = replies.account
