-- As for campaigns: a list that several accounts return is told by one of them.
with versions as (
    select
        *,
        row_number() over (partition by account, list_id order by valid_from desc) as newest
    from {{ ref('stg_snovio__prospect_lists') }}
),

accounts as (
    select
        account,
        list_id,
        min(valid_from) as first_seen_at,
        max(case when newest = 1 then valid_to end) as gone_at,
        count(*) over (partition by list_id) as accounts,
        row_number() over (
            partition by list_id
            order by
                case when max(case when newest = 1 then valid_to end) is null then 0 else 1 end,
                min(valid_from),
                account
        ) as choice
    from versions
    group by account, list_id
)

select
    versions.account,
    versions.list_id,
    accounts.accounts,
    versions.list,
    versions.contacts,
    versions.is_deleted,
    versions.created_at,
    versions.deleted_at,
    accounts.first_seen_at,
    accounts.gone_at
from accounts
join versions
    on versions.account = accounts.account
    and versions.list_id = accounts.list_id
    and versions.newest = 1
where accounts.choice = 1
