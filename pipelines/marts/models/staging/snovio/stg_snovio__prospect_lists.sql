select
    account,
    id as list_id,
    name as list,
    contacts,
    is_deleted,
    creation_date as created_at,
    deletion_date as deleted_at,
    _dlt_valid_from as valid_from,
    _dlt_valid_to as valid_to
from {{ stored('snovio', 'prospect_lists') }} as prospect_lists
