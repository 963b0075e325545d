-- One row per step that a campaign's sequence has now. The API does not say which step sent an e-mail: the n-th
-- e-mail to a person is taken for the n-th e-mail step, which holds unless the sequence branches.
with steps as (
    select
        steps.*,
        case when steps.type = 'email'
            then count(case when steps.type = 'email' then 1 end) over (
                partition by steps.account, steps.campaign_id order by steps.step_index
                rows between unbounded preceding and current row
            )
        end as email_number,
        max(case when steps.type = 'trigger' then 1 else 0 end)
            over (partition by steps.account, steps.campaign_id) = 1 as is_branching
    from {{ ref('stg_snovio__campaign_steps') }} as steps
    where steps.valid_to is null
),

contents as (
    select account, campaign_id, step_id, count(*) as variants, min(subject) as subject
    from {{ ref('stg_snovio__email_step_contents') }}
    where valid_to is null
    group by account, campaign_id, step_id
),

events as (
    select
        account,
        campaign_id,
        email_number,
        count(*) filter (where type = 'sent') as emails_sent,
        count(distinct case when type = 'sent' then contact end) as people_emailed,
        count(distinct case when type = 'open' then contact end) as people_opened,
        count(distinct case when type = 'click' then contact end) as people_clicked,
        count(distinct case when type = 'reply' then contact end) as people_replied,
        count(*) filter (where type = 'bounce') as emails_bounced
    from {{ ref('snovio__activities') }}
    where email_number is not null
    group by account, campaign_id, email_number
)

select
    steps.account,
    steps.campaign_id,
    campaigns.campaign,
    steps.step_id,
    steps.step_index,
    steps.type,
    steps.action,
    steps.goal_name,
    steps.waiting,
    steps.waiting_type,
    steps.email_number,
    steps.is_branching,
    coalesce(steps.subject, contents.subject) as subject,
    contents.variants,
    {% for count in [
        'emails_sent', 'people_emailed', 'people_opened', 'people_clicked', 'people_replied', 'emails_bounced',
    ] %}
    case when steps.type = 'email' then coalesce(events.{{ count }}, 0) end as {{ count }},
    {% endfor %}
    {{ share('events.people_opened', 'events.people_emailed') }} as open_rate,
    {{ share('events.people_clicked', 'events.people_emailed') }} as click_rate,
    {{ share('events.people_replied', 'events.people_emailed') }} as reply_rate,
    {{ share('events.emails_bounced', 'events.emails_sent') }} as bounce_rate
from steps
join {{ ref('int_snovio__campaigns') }} as campaigns
    on campaigns.account = steps.account
    and campaigns.campaign_id = steps.campaign_id
left join contents
    on contents.account = steps.account
    and contents.campaign_id = steps.campaign_id
    and contents.step_id = steps.step_id
left join events
    on events.account = steps.account
    and events.campaign_id = steps.campaign_id
    and events.email_number = steps.email_number
