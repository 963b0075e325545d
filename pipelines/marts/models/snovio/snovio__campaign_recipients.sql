-- One row per person of a campaign, as its events show them.
with people as (
    select
        account,
        campaign_id,
        contact,
        max(email) as email,
        max(name) as name,
        max(campaign) as campaign,
        {% for type in ['sent', 'open', 'click', 'reply', 'bounce', 'unsubscribe'] %}
        count(*) filter (where type = '{{ type }}') as {{ type }}_events,
        min(occurred_at) filter (where type = '{{ type }}') as first_{{ type }}_at,
        max(occurred_at) filter (where type = '{{ type }}') as last_{{ type }}_at,
        {% endfor %}
        count(*) filter (where type = 'open' and is_machine_like) as machine_like_opens,
        min(occurred_at) filter (where type = 'open' and not is_machine_like) as first_human_open_at,
        count(*) filter (where channel = 'linkedin') as linkedin_events,
        min(occurred_at) as first_activity_at,
        max(occurred_at) as last_activity_at
    from {{ ref('snovio__activities') }}
    group by account, campaign_id, contact
),

completed as (
    select account, campaign_id, lower(email) as contact, min(valid_from) as first_seen_completed_at
    from {{ ref('stg_snovio__completed_prospects') }}
    where valid_to is null
    group by account, campaign_id, lower(email)
),

statuses as (
    select account, campaign_id, email as contact, max(status) as status
    from {{ ref('stg_snovio__recipient_statuses') }}
    where is_recipient
    group by account, campaign_id, email
)

select
    people.account,
    people.campaign_id,
    people.campaign,
    people.contact,
    people.email,
    people.name,
    statuses.status,
    people.sent_events > 0 as was_sent,
    people.open_events > 0 as was_opened,
    people.open_events > people.machine_like_opens as was_opened_by_human,
    people.click_events > 0 as was_clicked,
    people.reply_events > 0 as was_replied,
    people.bounce_events > 0 as was_bounced,
    people.unsubscribe_events > 0 as was_unsubscribed,
    completed.contact is not null as is_completed,
    completed.first_seen_completed_at,
    people.sent_events as emails_sent,
    people.open_events as opens,
    people.machine_like_opens,
    people.click_events as clicks,
    people.reply_events as replies,
    people.bounce_events as bounces,
    people.linkedin_events,
    people.first_sent_at,
    people.last_sent_at,
    people.first_open_at,
    people.last_open_at,
    people.first_human_open_at,
    people.first_click_at,
    people.last_click_at,
    people.first_reply_at,
    people.last_reply_at,
    people.first_bounce_at,
    people.first_unsubscribe_at,
    people.first_activity_at,
    people.last_activity_at,
    case when people.first_open_at >= people.first_sent_at
        then {{ seconds_between('people.first_sent_at', 'people.first_open_at') }} end as seconds_to_open,
    case when people.first_reply_at >= people.first_sent_at
        then {{ seconds_between('people.first_sent_at', 'people.first_reply_at') }} end as seconds_to_reply
from people
left join completed
    on completed.account = people.account
    and completed.campaign_id = people.campaign_id
    and completed.contact = people.contact
left join statuses
    on statuses.account = people.account
    and statuses.campaign_id = people.campaign_id
    and statuses.contact = people.contact
