-- One row per campaign: how it stands, and what it came to over its whole life.
with people as (
    select
        campaign_id,
        count(*) filter (where was_sent) as people_emailed,
        count(*) filter (where was_opened) as people_opened,
        count(*) filter (where was_opened_by_human) as people_opened_by_human,
        count(*) filter (where was_clicked) as people_clicked,
        count(*) filter (where was_replied) as people_replied,
        count(*) filter (where was_bounced) as people_bounced,
        count(*) filter (where was_unsubscribed) as people_unsubscribed,
        count(*) filter (where is_completed) as people_completed,
        count(*) filter (where linkedin_events > 0) as people_on_linkedin,
        cast(coalesce(sum(emails_sent), 0) as bigint) as emails_sent,
        cast(coalesce(sum(bounces), 0) as bigint) as emails_bounced,
        cast(coalesce(sum(opens), 0) as bigint) as opens,
        cast(coalesce(sum(machine_like_opens), 0) as bigint) as machine_like_opens,
        cast(coalesce(sum(clicks), 0) as bigint) as clicks,
        cast(coalesce(sum(replies), 0) as bigint) as replies,
        min(first_activity_at) as first_activity_at,
        max(last_activity_at) as last_activity_at
    from {{ ref('snovio__campaign_recipients') }}
    group by campaign_id
),

details as (
    select account, campaign_id, tracks_opens, tracks_clicks
    from {{ ref('stg_snovio__campaign_details') }}
    where valid_to is null
),

progress as (
    select *
    from (
        select
            account, campaign_id, unfinished, progress,
            row_number() over (partition by account, campaign_id order by observed_at desc) as newest
        from {{ ref('stg_snovio__campaign_progress') }}
    ) as observations
    where newest = 1
),

lists as (
    select account, list_id, list,
        row_number() over (partition by account, list_id order by valid_from desc) as newest
    from {{ ref('stg_snovio__prospect_lists') }}
),

-- A rate is null, not 0, where nobody could do it.
counted as (
    select
        campaigns.*,
        lists.list,
        details.tracks_opens,
        details.tracks_clicks,
        progress.progress,
        progress.unfinished as people_unfinished,
        {% for count in [
            'emails_sent', 'people_emailed', 'people_opened', 'people_opened_by_human', 'people_clicked',
            'people_replied', 'people_bounced', 'people_unsubscribed', 'people_completed', 'people_on_linkedin',
            'emails_bounced', 'opens', 'machine_like_opens', 'clicks', 'replies',
        ] %}
        coalesce(people.{{ count }}, 0) as {{ count }},
        {% endfor %}
        people.first_activity_at,
        people.last_activity_at,
        totals.emails_sent as counted_emails_sent,
        totals.people_emailed as counted_people_emailed,
        totals.people_opened as counted_people_opened,
        totals.people_clicked as counted_people_clicked,
        totals.people_replied as counted_people_replied,
        totals.bounced as counted_emails_bounced,
        totals.people_unsubscribed as counted_people_unsubscribed,
        totals.people_auto_replied,
        totals.people_interested,
        totals.people_undecided,
        totals.people_not_interested
    from {{ ref('int_snovio__campaigns') }} as campaigns
    left join people on people.campaign_id = campaigns.campaign_id
    left join details
        on details.account = campaigns.account
        and details.campaign_id = campaigns.campaign_id
    left join progress
        on progress.account = campaigns.account
        and progress.campaign_id = campaigns.campaign_id
    left join lists
        on lists.account = campaigns.account
        and lists.list_id = campaigns.list_id
        and lists.newest = 1
    left join {{ ref('stg_snovio__campaign_totals') }} as totals
        on totals.account = campaigns.account
        and totals.campaign_id = campaigns.campaign_id
)

select
    account,
    campaign_id,
    accounts,
    campaign,
    status,
    list_id,
    list,
    created_at,
    updated_at,
    started_at,
    is_gone,
    gone_at,
    tracks_opens,
    tracks_clicks,
    progress,
    people_unfinished,
    emails_sent,
    emails_bounced,
    people_emailed,
    people_opened,
    people_opened_by_human,
    people_clicked,
    people_replied,
    people_bounced,
    people_unsubscribed,
    people_completed,
    people_on_linkedin,
    opens,
    machine_like_opens,
    clicks,
    replies,
    case when coalesce(tracks_opens, true) then {{ share('people_opened', 'people_emailed') }} end as open_rate,
    case when coalesce(tracks_clicks, true) then {{ share('people_clicked', 'people_emailed') }} end as click_rate,
    {{ share('people_replied', 'people_emailed') }} as reply_rate,
    {{ share('people_unsubscribed', 'people_emailed') }} as unsubscribe_rate,
    {{ share('emails_bounced', 'emails_sent') }} as bounce_rate,
    first_activity_at,
    last_activity_at,
    counted_emails_sent,
    counted_people_emailed,
    counted_people_opened,
    counted_people_clicked,
    counted_people_replied,
    counted_emails_bounced,
    counted_people_unsubscribed,
    people_auto_replied,
    people_interested,
    people_undecided,
    people_not_interested
from counted
