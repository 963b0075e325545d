-- Every event of every account, from the feed that is the better one for a campaign and type: the list of the type,
-- or the recipients' activity where that list shows nothing of the campaign. Never both: nothing promises that both
-- tell the same second, and an event must not count twice.
with listed as (
    {% for type, list in [('sent', 'emails_sent'), ('open', 'email_opens'), ('click', 'email_clicks'), ('reply', 'email_replies')] %}
    select
        account,
        campaign_id,
        activity_date,
        occurred_at,
        '{{ type }}' as type,
        email,
        name,
        occurrence,
        {{ 'email_subject' if type != 'sent' else 'cast(null as varchar)' }} as email_subject,
        load_id,
        '{{ list }}' as source_table
    from {{ ref('stg_snovio__' ~ list) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

listed_types as (
    select distinct account, campaign_id, type
    from listed
),

activity as (
    select
        activity.account,
        activity.campaign_id,
        activity.activity_date,
        activity.occurred_at,
        activity.type,
        activity.email,
        activity.name,
        activity.occurrence,
        activity.email_subject,
        activity.sender_email,
        activity.load_id
    from {{ ref('stg_snovio__recipient_activity') }} as activity
)

select
    listed.account,
    listed.campaign_id,
    listed.activity_date,
    listed.occurred_at,
    listed.type,
    {{ contact_of('listed.email', 'listed.name') }} as contact,
    nullif(listed.email, '') as email,
    listed.name,
    listed.occurrence,
    coalesce(listed.email_subject, activity.email_subject) as email_subject,
    activity.sender_email,
    listed.load_id,
    listed.source_table
from listed
left join activity
    on activity.account = listed.account
    and activity.campaign_id = listed.campaign_id
    and activity.type = listed.type
    and activity.email = listed.email
    and activity.occurred_at = listed.occurred_at
    and activity.occurrence = listed.occurrence

union all

select
    activity.account,
    activity.campaign_id,
    activity.activity_date,
    activity.occurred_at,
    activity.type,
    {{ contact_of('activity.email', 'activity.name') }} as contact,
    nullif(activity.email, '') as email,
    activity.name,
    activity.occurrence,
    activity.email_subject,
    activity.sender_email,
    activity.load_id,
    'recipient_activity' as source_table
from activity
left join listed_types
    on listed_types.account = activity.account
    and listed_types.campaign_id = activity.campaign_id
    and listed_types.type = activity.type
where listed_types.type is null
