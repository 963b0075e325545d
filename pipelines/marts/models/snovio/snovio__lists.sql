-- One row per prospect list, deleted ones included.
with members as (
    select
        list_id,
        count(*) as members,
        count(*) filter (where email is not null) as members_with_email,
        count(*) filter (where has_verified_email) as members_with_verified_email
    from {{ ref('int_snovio__list_members') }}
    group by list_id
),

campaigns as (
    select
        list_id,
        count(*) as campaigns,
        cast(sum(people_emailed) as bigint) as recipients,
        max(last_activity_at) as last_activity_at
    from {{ ref('snovio__campaigns') }}
    group by list_id
)

select
    lists.account,
    lists.list_id,
    lists.accounts,
    lists.list,
    lists.is_deleted,
    lists.created_at,
    lists.deleted_at,
    lists.gone_at,
    lists.contacts as counted_members,
    coalesce(members.members, 0) as members,
    coalesce(members.members_with_email, 0) as members_with_email,
    coalesce(members.members_with_verified_email, 0) as members_with_verified_email,
    {{ share('members.members_with_verified_email', 'members.members') }} as verified_rate,
    coalesce(campaigns.campaigns, 0) as campaigns,
    coalesce(campaigns.recipients, 0) as recipients,
    campaigns.last_activity_at
from {{ ref('int_snovio__lists') }} as lists
left join members on members.list_id = lists.list_id
left join campaigns on campaigns.list_id = lists.list_id
