select
    account,
    list_id,
    id as prospect_id,
    occurrence,
    name,
    first_name,
    last_name
from {{ stored('snovio', 'list_prospects') }} as list_prospects
