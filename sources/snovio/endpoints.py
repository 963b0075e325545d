"""The calls that may leave the connector, by table: the allow-list, and the one place that knows a path."""

from typing import Final

from sources.allow_list import Endpoint, allow_list

# All documented; the paths with a POST are reads in spite of the verb.
ENDPOINTS: Final[dict[str, Endpoint]] = {
    "token": Endpoint("POST", "/v1/oauth/access_token"),
    "campaigns": Endpoint("GET", "/v1/get-user-campaigns"),
    "campaign_details": Endpoint("GET", "/v2/campaigns/{}"),
    "campaign_progress": Endpoint("GET", "/v2/campaigns/{}/progress"),
    "campaign_analytics": Endpoint("GET", "/v2/statistics/campaign-analytics"),
    "recipient_activity": Endpoint("GET", "/v2/campaigns/{}/recipients-activity"),
    "emails_sent": Endpoint("GET", "/v1/emails-sent"),
    "email_opens": Endpoint("GET", "/v1/get-emails-opened"),
    "email_clicks": Endpoint("GET", "/v1/get-emails-clicked"),
    "email_replies": Endpoint("GET", "/v1/get-emails-replies"),
    "campaign_replies": Endpoint("GET", "/v2/campaigns/{}/all-replies"),
    "completed_prospects": Endpoint("GET", "/v1/prospect-finished"),
    "recipient_statuses": Endpoint("GET", "/v2/campaigns/{}/recipient"),
    "email_step_contents": Endpoint("GET", "/v2/campaigns/{}/steps/{}/content/{}"),
    "campaign_schedules": Endpoint("GET", "/v2/campaigns/schedules"),
    "do_not_email_lists": Endpoint("GET", "/v2/blacklists"),
    "sender_accounts": Endpoint("GET", "/v2/sender-accounts/emails"),
    "sender_account_checks": Endpoint("GET", "/v2/sender-accounts/check-sender-status"),
    "warmups": Endpoint("GET", "/v2/warm-up"),
    "warmup": Endpoint("GET", "/v2/warm-up/{}"),
    "warmup_statistics": Endpoint("GET", "/v2/warm-up/statistics/{}"),
    "prospect_lists": Endpoint("GET", "/v1/get-user-lists"),
    "list_prospects": Endpoint("POST", "/v1/prospect-list"),
    "prospect_profiles": Endpoint("POST", "/v1/get-prospect-by-id"),
    "prospect_profiles_by_email": Endpoint("POST", "/v1/get-prospects-by-email"),
    "custom_fields": Endpoint("GET", "/v1/prospect-custom-fields"),
    "pipelines": Endpoint("GET", "/v2/pipelines"),
    "pipeline_stages": Endpoint("GET", "/v2/pipelines/{}/stages"),
    "account_balance": Endpoint("GET", "/v1/get-balance"),
    "webhooks": Endpoint("GET", "/v2/webhooks"),
}

is_allowed: Final = allow_list(ENDPOINTS, "[0-9]+")
