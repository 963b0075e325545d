-- One row per person known from a list or a campaign: an address, or what stands for a person without one.
with listed as (
    select
        contact,
        max(email) as email,
        max(name) as name,
        max(prospect_id) as prospect_id,
        count(distinct list_id) as lists,
        bool_or(has_verified_email) as has_verified_email
    from {{ ref('int_snovio__list_members') }}
    group by contact
),

reached as (
    select
        contact,
        max(email) as email,
        max(name) as name,
        count(distinct campaign_id) as campaigns,
        cast(sum(emails_sent) as bigint) as emails_sent,
        cast(sum(opens) as bigint) as opens,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(replies) as bigint) as replies,
        bool_or(was_replied) as was_replied,
        bool_or(was_bounced) as was_bounced,
        bool_or(was_unsubscribed) as was_unsubscribed,
        min(first_sent_at) as first_sent_at,
        max(last_sent_at) as last_sent_at,
        max(last_reply_at) as last_reply_at,
        max(last_activity_at) as last_activity_at
    from {{ ref('snovio__campaign_recipients') }}
    group by contact
),

-- The newest that the recipients' activity says of a person.
described as (
    select *
    from (
        select
            {{ contact_of('email', 'name') }} as contact, company, job_position, industry, country, location,
            row_number() over (
                partition by {{ contact_of('email', 'name') }} order by occurred_at desc, account, campaign_id, type
            ) as newest
        from {{ ref('stg_snovio__recipient_activity') }}
    ) as events
    where newest = 1
),

profiles as (
    select
        prospect_id, max(industry) as industry, max(country) as country, max(locality) as locality,
        max(updated_at) as updated_at
    from {{ ref('stg_snovio__prospect_profiles') }}
    where is_found
    group by prospect_id
)

select
    coalesce(listed.contact, reached.contact) as contact,
    coalesce(listed.email, reached.email) as email,
    coalesce(listed.name, reached.name) as name,
    described.company,
    described.job_position,
    coalesce(profiles.industry, described.industry) as industry,
    coalesce(profiles.country, described.country) as country,
    coalesce(profiles.locality, described.location) as location,
    profiles.updated_at as profile_updated_at,
    coalesce(listed.lists, 0) as lists,
    coalesce(listed.has_verified_email, false) as has_verified_email,
    coalesce(reached.campaigns, 0) as campaigns,
    coalesce(reached.emails_sent, 0) as emails_sent,
    coalesce(reached.opens, 0) as opens,
    coalesce(reached.clicks, 0) as clicks,
    coalesce(reached.replies, 0) as replies,
    coalesce(reached.was_replied, false) as was_replied,
    coalesce(reached.was_bounced, false) as was_bounced,
    coalesce(reached.was_unsubscribed, false) as was_unsubscribed,
    reached.first_sent_at,
    reached.last_sent_at,
    reached.last_reply_at,
    reached.last_activity_at
from listed
full outer join reached on reached.contact = listed.contact
left join described on described.contact = coalesce(listed.contact, reached.contact)
left join profiles on profiles.prospect_id = listed.prospect_id
