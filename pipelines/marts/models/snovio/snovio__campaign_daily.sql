-- One row per campaign and UTC day on which anything happened or was counted.
with events as (
    select
        account,
        campaign_id,
        activity_date as date,
        count(*) filter (where type = 'sent') as emails_sent,
        count(*) filter (where type = 'open') as opens,
        count(*) filter (where type = 'open' and is_machine_like) as machine_like_opens,
        count(*) filter (where type = 'click') as clicks,
        count(*) filter (where type = 'reply') as replies,
        count(*) filter (where type = 'bounce') as emails_bounced,
        count(*) filter (where type = 'unsubscribe') as unsubscribes,
        count(*) filter (where channel = 'linkedin') as linkedin_events,
        count(distinct case when type = 'sent' then contact end) as people_emailed,
        count(distinct case when type = 'open' then contact end) as people_opened,
        count(distinct case when type = 'click' then contact end) as people_clicked,
        count(distinct case when type = 'reply' then contact end) as people_replied
    from {{ ref('snovio__activities') }}
    group by account, campaign_id, activity_date
),

-- People on the day of their first time: unlike the people of a day, these add up over days.
{% set firsts = [('sent', 'emailed'), ('open', 'opened'), ('click', 'clicked'), ('reply', 'replied')] %}
first_times as (
    {% for type, word in firsts %}
    select
        account, campaign_id, {{ utc_day('first_' ~ type ~ '_at') }} as date, '{{ word }}' as what
    from {{ ref('snovio__campaign_recipients') }}
    where first_{{ type }}_at is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

new_people as (
    select
        account, campaign_id, date
        {%- for _, word in firsts %},
        count(*) filter (where what = '{{ word }}') as new_people_{{ word }}
        {%- endfor %}
    from first_times
    group by account, campaign_id, date
),

counters as (
    select counters.*
    from {{ ref('stg_snovio__campaign_analytics') }} as counters
    left join {{ ref('int_snovio__campaigns') }} as campaigns on campaigns.campaign_id = counters.campaign_id
    where campaigns.account is null or campaigns.account = counters.account
),

days as (
    select account, campaign_id, date from events
    union
    select account, campaign_id, date from counters
)

select
    days.account,
    days.campaign_id,
    campaigns.campaign,
    days.date,
    {% for count in [
        'emails_sent', 'opens', 'machine_like_opens', 'clicks', 'replies', 'emails_bounced', 'unsubscribes',
        'linkedin_events', 'people_emailed', 'people_opened', 'people_clicked', 'people_replied',
    ] %}
    coalesce(events.{{ count }}, 0) as {{ count }},
    {% endfor %}
    {% for _, word in firsts %}
    coalesce(new_people.new_people_{{ word }}, 0) as new_people_{{ word }},
    {% endfor %}
    counters.emails_sent as counted_emails_sent,
    counters.bounced as counted_emails_bounced,
    counters.people_emailed as counted_people_emailed,
    counters.people_opened as counted_people_opened,
    counters.people_clicked as counted_people_clicked,
    counters.people_replied as counted_people_replied,
    counters.people_unsubscribed as counted_people_unsubscribed
from days
left join events
    on events.account = days.account and events.campaign_id = days.campaign_id and events.date = days.date
left join new_people
    on new_people.account = days.account and new_people.campaign_id = days.campaign_id and new_people.date = days.date
left join counters
    on counters.account = days.account and counters.campaign_id = days.campaign_id and counters.date = days.date
left join {{ ref('int_snovio__campaigns') }} as campaigns on campaigns.campaign_id = days.campaign_id
