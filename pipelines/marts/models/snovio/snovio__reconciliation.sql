-- What was loaded, counted by campaign and day, against the vendor's own counters of that day. Each account for
-- itself: a doubt is about what was read with its credentials.
{% set lists = [
    ('emails_sent', 'sent', 'emails_sent', 'people_emailed'),
    ('email_opens', 'open', none, 'people_opened'),
    ('email_clicks', 'click', none, 'people_clicked'),
    ('email_replies', 'reply', none, 'people_replied'),
] %}
{% set measures = [
    ('emails_sent', 'emails_sent'),
    ('people_emailed', 'people_emailed'),
    ('people_opened', 'people_opened'),
    ('people_clicked', 'people_clicked'),
    ('people_replied', 'people_replied'),
    ('emails_bounced', 'bounced'),
    ('people_unsubscribed', 'people_unsubscribed'),
] %}
{% set only_in_activity = ['emails_bounced', 'people_unsubscribed'] %}

with events as (
    {% for list, type, _, _ in lists %}
    select
        account, campaign_id, activity_date as date, '{{ list }}' as loaded_from, '{{ type }}' as type,
        {{ contact_of('email', 'name') }} as contact, load_id
    from {{ ref('stg_snovio__' ~ list) }}
    union all
    {% endfor %}
    select
        account, campaign_id, activity_date as date, 'recipient_activity' as loaded_from, type,
        {{ contact_of('email', 'name') }} as contact, load_id
    from {{ ref('stg_snovio__recipient_activity') }}
),

by_day as (
    select
        account,
        campaign_id,
        date,
        loaded_from,
        count(*) filter (where type = 'sent') as emails_sent,
        count(distinct case when type = 'sent' then contact end) as people_emailed,
        count(distinct case when type = 'open' then contact end) as people_opened,
        count(distinct case when type = 'click' then contact end) as people_clicked,
        count(distinct case when type = 'reply' then contact end) as people_replied,
        count(*) filter (where type = 'bounce') as emails_bounced,
        count(distinct case when type = 'unsubscribe' then contact end) as people_unsubscribed
    from events
    group by account, campaign_id, date, loaded_from
),

-- A whole read of a campaign's list writes all its days again, later reads only days that changed: so the earliest
-- load among its rows is that of its last whole read.
whole_reads as (
    select account, campaign_id, loaded_from, min(load_id) as load_id
    from events
    group by account, campaign_id, loaded_from
),

-- Measure by measure, in the words of the counters. What both feeds tell is compared twice: of the list and, with
-- `activity_` before its name, of the recipients' activity.
loaded as (
    {% for list, _, events, people in lists %}
    {% for measure in [events, people] if measure %}
    select account, campaign_id, date, '{{ measure }}' as measure, loaded_from, {{ measure }} as loaded
    from by_day where loaded_from = '{{ list }}'
    union all
    {% endfor %}
    {% endfor %}
    {% for measure, _ in measures %}
    select
        account, campaign_id, date,
        '{{ measure if measure in only_in_activity else 'activity_' ~ measure }}' as measure,
        loaded_from, {{ measure }} as loaded
    from by_day where loaded_from = 'recipient_activity'
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

counters as (
    {% for measure, counter in measures %}
    select account, campaign_id, date, '{{ measure }}' as counter, {{ counter }} as counted, load_id
    from {{ ref('stg_snovio__campaign_analytics') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Which measures each account's loads should bring, and how the tables were read last.
last_runs as (
    select *
    from (
        select
            account, table_name, outcome, detail, started_at,
            row_number() over (partition by account, table_name order by started_at desc, run_id desc) as newest
        from {{ ref('stg_snovio__sync_runs') }}
    ) as runs
    where newest = 1
),

expected as (
    {% for list, _, events, people in lists %}
    {% for measure in [events, people] if measure %}
    select '{{ measure }}' as measure, '{{ measure }}' as counter, '{{ list }}' as loaded_from
    union all
    {% endfor %}
    {% endfor %}
    {% for measure, _ in measures %}
    select
        '{{ measure if measure in only_in_activity else 'activity_' ~ measure }}' as measure,
        '{{ measure }}' as counter,
        'recipient_activity' as loaded_from
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

reads as (
    select
        expected.measure,
        expected.counter,
        expected.loaded_from,
        rows_read.account,
        rows_read.outcome as rows_outcome,
        counters_read.outcome as counters_outcome,
        counters_read.detail as counters_detail,
        least(
            {{ utc_day('rows_read.started_at') }}, {{ utc_day('counters_read.started_at') }}
        ) as read_on
    from expected
    join last_runs as rows_read on rows_read.table_name = expected.loaded_from
    join last_runs as counters_read
        on counters_read.account = rows_read.account
        and counters_read.table_name = 'campaign_analytics'
    -- A run is noted of the counters also where they were not loaded: the table stays empty then.
    join (select distinct account from {{ ref('stg_snovio__campaign_analytics') }}) as counted_accounts
        on counted_accounts.account = rows_read.account
),

counted_campaigns as (
    select distinct account, campaign_id from {{ ref('stg_snovio__campaign_analytics') }}
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

cells as (
    select distinct account, campaign_id, date from by_day
    union
    select distinct account, campaign_id, date from {{ ref('stg_snovio__campaign_analytics') }}
),

compared as (
    select
        cells.account,
        cells.campaign_id,
        campaigns.campaign,
        cells.date,
        reads.measure,
        reads.loaded_from,
        coalesce(loaded.loaded, 0) as loaded,
        coalesce(counters.counted, 0) as counted,
        coalesce(loaded.loaded, 0) - coalesce(counters.counted, 0) as difference,
        -- Null where there is no other feed of the measure.
        case when other_read.measure is not null then coalesce(other.loaded, 0) end as loaded_by_other_feed,
        reads.rows_outcome <> 'ok' or reads.counters_outcome <> 'ok' or counted_campaigns.campaign_id is null
            as is_unfinished,
        reads.counters_detail like '%probe is off%' as is_probe_off,
        cells.date >= reads.read_on as is_moving,
        -- The day was counted again when the reads of what is new no longer reached it, and not read since.
        coalesce(
            counters.load_id > whole_reads.load_id
            and cells.date < {{ utc_day('to_timestamp(cast(counters.load_id as double precision))') }}
                - cast({{ var('lookback_days') }} as integer),
            false
        ) as is_counted_anew
    from cells
    join reads on reads.account = cells.account
    left join campaigns
        on campaigns.account = cells.account
        and campaigns.campaign_id = cells.campaign_id
    left join loaded
        on loaded.account = cells.account
        and loaded.campaign_id = cells.campaign_id
        and loaded.date = cells.date
        and loaded.measure = reads.measure
    left join counted_campaigns
        on counted_campaigns.account = cells.account
        and counted_campaigns.campaign_id = cells.campaign_id
    left join counters
        on counters.account = cells.account
        and counters.campaign_id = cells.campaign_id
        and counters.date = cells.date
        and counters.counter = reads.counter
    left join whole_reads
        on whole_reads.account = cells.account
        and whole_reads.campaign_id = cells.campaign_id
        and whole_reads.loaded_from = reads.loaded_from
    left join reads as other_read
        on other_read.account = reads.account
        and other_read.counter = reads.counter
        and other_read.measure <> reads.measure
    left join loaded as other
        on other.account = cells.account
        and other.campaign_id = cells.campaign_id
        and other.date = cells.date
        and other.measure = other_read.measure
),

explained as (
    select
        *,
        case
            when difference = 0 then null
            -- A read was cut off, failed, or is not done yet.
            when is_unfinished then 'not read to its end'
            -- Rows and counters were read at different moments of a day that went on; the next load reads it again.
            when is_moving then 'lookback'
            -- A sweep has shown that the counters deny events.
            when is_probe_off then 'open probe doubt'
            when is_counted_anew then 'not yet swept'
            -- Two feeds that were read apart agree, so no row was lost on the way: the counters remember what the
            -- lists no longer show, or forgot what both still hold from their last whole read.
            when loaded_by_other_feed = loaded and difference < 0 then 'deleted recipients'
            when loaded_by_other_feed = loaded then 'not yet swept'
        end as likely_cause
    from compared
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
