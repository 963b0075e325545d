"""What a load may be told."""

from typing import Any

import pytest

from sources.errors import ConfigurationError
from sources.snovio.settings import Settings, excluded_columns
from sources.snovio.tables import TABLES


@pytest.mark.parametrize("name", ["default", "a", "agency-7", "two_words", "7", "x" * 40])
def test_account_names(name: str) -> None:
    assert Settings(account=name).account == name


@pytest.mark.parametrize("name", ["", "A", "it's", "a b", "-a", "a-", "x" * 41, "a\n", "ä", "a;b"])
def test_a_name_that_could_break_a_statement_or_a_path_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="account name"):
        Settings(account=name)


@pytest.mark.parametrize("setting", [{"lookback_days": -1}, {"sweep_days": -7}])
def test_negative_days_are_refused_and_the_key_is_named(setting: dict[str, Any]) -> None:
    (name,) = setting
    with pytest.raises(ConfigurationError, match=f"sources.snovio.{name}"):
        Settings(**setting)


def test_a_column_alone_means_every_table_that_has_it() -> None:
    found = excluded_columns(["email_body", "campaigns.hash"], TABLES.values())
    assert found == {
        "email_opens": {"email_body"},
        "email_clicks": {"email_body"},
        "email_replies": {"email_body"},
        "campaigns": {"hash"},
    }


@pytest.mark.parametrize("name", ["hash2", "campaigns.email_body", "nowhere.hash", ""])
def test_an_unknown_column_is_named(name: str) -> None:
    with pytest.raises(ConfigurationError, match="no table has a column"):
        excluded_columns([name], TABLES.values())


@pytest.mark.parametrize("name", ["id", "campaigns.id", "campaign_id", "emails_sent.sent_date", "email", "account"])
def test_a_key_column_must_stay(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"must stay|no table"):
        excluded_columns([name], TABLES.values())
