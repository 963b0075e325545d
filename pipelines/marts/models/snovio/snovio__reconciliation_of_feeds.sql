-- Opens, clicks and replies as the list of their type shows them, against the recipients' activity, by campaign and
-- day. The API's counters of these count people, so that they do not miss one of two opens of a person; the other
-- feed does. Nothing promises that both feeds mean the same: an account and measure is compared only if they do there.
{% set lists = [
    ('open', 'email_opens', 'opens'),
    ('click', 'email_clicks', 'clicks'),
    ('reply', 'email_replies', 'replies'),
] %}

with events as (
    {% for type, list, measure in lists %}
    select
        account, campaign_id, activity_date as date, '{{ measure }}' as measure, '{{ list }}' as loaded_from,
        true as is_listed, {{ contact_of('email', 'name') }} as contact, load_id
    from {{ ref('stg_snovio__' ~ list) }}
    union all
    select
        account, campaign_id, activity_date as date, '{{ measure }}' as measure, '{{ list }}' as loaded_from,
        false as is_listed, {{ contact_of('email', 'name') }} as contact, load_id
    from {{ ref('stg_snovio__recipient_activity') }}
    where type = '{{ type }}'
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

by_day as (
    select
        account,
        campaign_id,
        date,
        measure,
        loaded_from,
        count(case when is_listed then 1 end) as loaded,
        count(case when not is_listed then 1 end) as counted,
        max(case when is_listed then load_id end) as list_load,
        max(case when not is_listed then load_id end) as activity_load
    from events
    group by account, campaign_id, date, measure, loaded_from
),

-- A day that a feed shows nothing of was read with the rest of the campaign.
campaign_loads as (
    select
        account,
        campaign_id,
        measure,
        min(case when is_listed then load_id end) as list_load,
        min(case when not is_listed then load_id end) as activity_load
    from events
    group by account, campaign_id, measure
),

last_runs as (
    select *
    from (
        select
            account, table_name, outcome, started_at,
            row_number() over (partition by account, table_name order by started_at desc, run_id desc) as newest
        from {{ ref('stg_snovio__sync_runs') }}
    ) as runs
    where newest = 1
),

-- A run writes in several loads where it is long.
run_of_load as (
    select loads.account, loads.load_id, max(runs.started_at) as started_at
    from (select distinct account, load_id from events) as loads
    join {{ ref('stg_snovio__sync_runs') }} as runs
        on runs.account = loads.account
        and runs.started_at <= to_timestamp(cast(loads.load_id as double precision))
    group by loads.account, loads.load_id
),

campaigns as (
    select account, campaign_id, campaign
    from (
        select
            account, campaign_id, campaign,
            row_number() over (partition by account, campaign_id order by valid_from desc) as newest
        from {{ ref('stg_snovio__campaigns') }}
    ) as versions
    where newest = 1
),

compared as (
    select
        by_day.account,
        by_day.campaign_id,
        campaigns.campaign,
        by_day.date,
        by_day.measure,
        by_day.loaded_from,
        by_day.loaded,
        by_day.counted,
        by_day.loaded - by_day.counted as difference,
        list_read.outcome <> 'ok' or activity_read.outcome <> 'ok' as is_unfinished,
        by_day.date >= least(
            {{ utc_day('list_read.started_at') }}, {{ utc_day('activity_read.started_at') }}
        ) as is_moving,
        coalesce(list_run.started_at = activity_run.started_at, false) as is_of_one_run
    from by_day
    join last_runs as list_read
        on list_read.account = by_day.account
        and list_read.table_name = by_day.loaded_from
    join last_runs as activity_read
        on activity_read.account = by_day.account
        and activity_read.table_name = 'recipient_activity'
    join campaign_loads
        on campaign_loads.account = by_day.account
        and campaign_loads.campaign_id = by_day.campaign_id
        and campaign_loads.measure = by_day.measure
    left join run_of_load as list_run
        on list_run.account = by_day.account
        and list_run.load_id = coalesce(by_day.list_load, campaign_loads.list_load)
    left join run_of_load as activity_run
        on activity_run.account = by_day.account
        and activity_run.load_id = coalesce(by_day.activity_load, campaign_loads.activity_load)
    left join campaigns
        on campaigns.account = by_day.account
        and campaigns.campaign_id = by_day.campaign_id
),

-- Feeds that mean the same show repetitions of a person both or neither, and agree on most days.
repetitions as (
    select account, measure, is_listed, max(events) as most
    from (
        select account, measure, is_listed, count(*) as events
        from events
        group by account, campaign_id, date, measure, is_listed, contact
    ) as by_person
    group by account, measure, is_listed
),

alike as (
    select compared.account, compared.measure
    from compared
    join repetitions as listed
        on listed.account = compared.account
        and listed.measure = compared.measure
        and listed.is_listed
    join repetitions as active
        on active.account = compared.account
        and active.measure = compared.measure
        and not active.is_listed
    where (listed.most > 1) = (active.most > 1)
    group by compared.account, compared.measure
    having count(case when compared.difference = 0 then 1 end) * 2 > count(*)
),

explained as (
    select
        compared.*,
        case
            when difference = 0 then null
            when is_unfinished then 'not read to its end'
            when is_moving then 'lookback'
            -- One of them was read again since.
            when not is_of_one_run then 'not yet swept'
        end as likely_cause
    from compared
    join alike
        on alike.account = compared.account
        and alike.measure = compared.measure
)

select
    account,
    campaign_id,
    campaign,
    date,
    measure,
    loaded_from,
    loaded,
    counted,
    difference,
    likely_cause,
    case
        when difference = 0 then 'equal'
        when likely_cause is not null then 'explained'
        else 'unexplained'
    end as verdict
from explained
