"""Who is erased, which columns tell of them, and what becomes of their rows."""

import re
from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa
import pytest

from docs.generate import SOURCES
from sources.erased import ErasedPeople, check_key, names_in, normal
from sources.erasing import without
from sources.errors import ConfigurationError
from sources.persons import out_of_reach, raw_columns, told_by
from sources.snovio.tables import EMAIL_OPENS, LIST_PROSPECT_EMAILS, RECIPIENT_ACTIVITY, REJECTED_ROWS
from sources.tables import KINDS, REMOVED, Table

KEY = "k" * 40
TABLES: Final = {f"{source}.{name}": table for source, tables in SOURCES.items() for name, table in tables.items()}
LOOKS_PERSONAL: Final = re.compile(
    r"e-?mail|name\b|person|prospect|linked|phone|contact|recipient|lead\b|owner|address|profile|message|user|"
    r"signature|locality|\bcity|street|job\b|custom fields|as it came|as json",
    re.IGNORECASE,
)
OF_NOBODY: Final = {
    r"campaign": "the name of a campaign",
    r"campaign__name|name|title|template_name|trigger__\w+": "the name of a thing, not of a person",
    r"list__\w+": "the name of a list",
    r"row_hash|row_version|hash": "a hash of a whole row",
    r"(campaign_|user_|workspace_|source_)?id|step_id": "an id of a thing, or of the account's own user",
    r"email_accounts|linkedin_accounts|mailboxes|mailbox_rotation": "ids of the account's senders",
    r"campaign_steps\.\w+|email_step_contents\.\w+|warmups\.(subject|body)": "text that goes to everybody",
    r"recipient_activity\.email_subject": "the subject as it stands in the sequence",
    r"\w*status\w*|\w*_type|type|outcome|provider|email_account__\w+|email_verification_result": "a word of the API",
    r"domain_type|job_status|source|seg_\w+|statistic|scope|ai_tag|reason": "a word of the API",
    r"custom_fields\.\w+": "what fields there are, not what is in them",
    r"sending_settings__\w+|next|yes|no|waiting_type|action|goal_name|sequence__entry": "a setting of a campaign",
    r"do_not_email_lists\.name|table_name|run_id|endpoint|list_id|event_\w+|end_point|status_breakdown": "no person",
    r"campaign_daily_analytics\.payload|warmup__metrics": "counters",
}
"""Columns whose name or meaning sounds of a person and that hold none, with the reason."""


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_column_that_may_tell_of_a_person_is_marked(table: Table) -> None:
    for column in table.columns:
        is_text = KINDS[column.kind].data_type in {"text", "json"}
        if column.person or not is_text or not LOOKS_PERSONAL.search(f"{column.name} {column.meaning}"):
            continue
        names = (column.name, f"{table.name}.{column.name}")
        assert any(re.fullmatch(known, name) for known in OF_NOBODY for name in names), f"{names[1]}: whose is it?"


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_what_is_emptied_may_be_null(table: Table) -> None:
    """A key is never emptied: an address in it gives way to a pseudonym, and an id stays."""
    emptied = {name for told in told_by(table) for name in told.emptied} | {*raw_columns(table)}
    assert emptied.isdisjoint(table.key)


def test_what_nobody_can_be_told_by_is_known() -> None:
    assert {name: found for name, table in TABLES.items() if (found := out_of_reach(table))} == {
        "snovio.do_not_email_lists": ["owner"]
    }


@pytest.mark.parametrize(
    ("written", "same"),
    [
        (" Ann@Example.COM ", "ann@example.com"),
        ("https://www.LinkedIn.com/in/ann/?miniProfile=1", "linkedin.com/in/ann"),
        ("http://linkedin.com/in/ann#top", "linkedin.com/in/ann"),
        ("www.linkedin.com/in/ann", "linkedin.com/in/ann"),
        ("12345", "12345"),
    ],
)
def test_a_person_is_known_however_the_address_is_written(written: str, same: str) -> None:
    assert normal(written) == same
    erased = ErasedPeople(KEY, [ErasedPeople(KEY).hash_of(same)])
    assert erased.names(written)
    assert not erased.names(f"x{written.strip()}")


@pytest.mark.parametrize("value", [None, "", 7, ["ann@example.com"]])
def test_nothing_names_nobody(value: Any) -> None:
    erased = ErasedPeople(KEY)
    erased.add("")
    assert not erased.names(value)


def test_hashes_tell_nothing_without_the_key() -> None:
    one, other = ErasedPeople(KEY), ErasedPeople("z" * 40)
    assert one.hash_of("ann@example.com") != other.hash_of("ann@example.com")
    assert one.pseudonym("ann@example.com") != other.pseudonym("ann@example.com")
    assert one.key_check != other.key_check
    assert str(one.pseudonym("ann@example.com")).removeprefix("erased-") not in one.hash_of("ann@example.com")
    assert KEY not in repr(one) + str(vars(one).keys())


def test_a_pseudonym_stands_for_one_address_and_stays() -> None:
    erased = ErasedPeople(KEY)
    first = erased.pseudonym("ann@example.com")
    assert first == erased.pseudonym("ann@example.com") == erased.pseudonym(first)
    assert first != erased.pseudonym("Ann@example.com")
    assert (erased.pseudonym(""), erased.pseudonym(None)) == ("", None)


def test_addresses_are_found_in_any_text() -> None:
    text = (
        '{"email":"Ann.Lee+1@mail.example.com","page":"https://www.linkedin.com/in/ann/","to":["<b@example.org>."]}'
    )
    assert list(map(normal, names_in(text))) == ["ann.lee+1@mail.example.com", "linkedin.com/in/ann", "b@example.org"]


def test_a_short_key_is_refused_and_not_shown() -> None:
    with pytest.raises(
        ConfigurationError, match=r"sources\.snovio\.erase_key: has 9 characters.+token_hex"
    ) as caught:
        check_key("sources.snovio.erase_key", "short-key")
    assert "short-key" not in str(caught.value)
    assert check_key("sources.snovio.erase_key", KEY) == KEY


ANN: Final = "Ann@example.com"
PAGE: Final = "https://www.linkedin.com/in/ann"


def erased_people() -> ErasedPeople:
    """Ann, with her address, page and id."""
    found = ErasedPeople(KEY)
    for one in (ANN, PAGE, "id-of-ann"):
        found.add(one)
    return found


def opened(email: str | None, **more: Any) -> dict[str, Any]:
    return {
        **dict.fromkeys(column.name for column in EMAIL_OPENS.columns),
        "account": "default",
        "prospect_email": email,
        "prospect_email_lower": email and email.lower(),
        "prospect_name": "A Name",
        "prospect_id": "another",
        "email_body": "Hello",
        "campaign": "A campaign",
        "new_field": "x",
        **more,
    }


OPENS: Final[Mapping[str, tuple[dict[str, Any], bool]]] = {
    "by address": (opened(ANN), True),
    "in another case": (opened("ANN@example.com"), True),
    "somebody else": (opened("joann@example.com"), False),
    "somebody else with her page": (opened("ben@example.com", source_page=PAGE, prospect_id="id-of-ann"), False),
    "by page alone": (opened("", source_page=f"{PAGE}/"), True),
    "by id alone": (opened("", prospect_id="id-of-ann"), True),
    "nobody": (opened(""), False),
}


def schema() -> pa.Schema:
    kinds = {"email_body": pa.dictionary(pa.int32(), pa.string()), REMOVED: pa.bool_()}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in opened("")])


@pytest.mark.parametrize("form", ["rows", "arrow"])
def test_rows_of_erased_people_stay_without_them(form: str) -> None:
    given: Any = [row for row, _ in OPENS.values()]
    if form == "arrow":  # in two chunks, as pages come
        parts = [pa.Table.from_pylist(given[:2], schema()), pa.Table.from_pylist(given[2:], schema())]
        given = pa.concat_tables(parts)
    found: Any = without(erased_people(), EMAIL_OPENS, given)
    assert form == "rows" or found.schema == schema()
    rows = found if form == "rows" else found.to_pylist()

    for (name, (before, is_hers)), after in zip(OPENS.items(), rows, strict=True):
        if not is_hers:
            assert after == before, name
            continue
        email = before["prospect_email"]
        assert after["prospect_email"] == erased_people().pseudonym(email), name
        assert after["prospect_email_lower"] == erased_people().pseudonym(email.lower()), name
        gone = ("prospect_name", "source_page", "prospect_id", "email_body", "new_field")
        assert [after[column] for column in gone] == [None] * 5, name
        assert after["campaign"] == "A campaign"


def test_nothing_is_done_while_nobody_is_erased() -> None:
    rows = [opened(ANN)]
    assert without(ErasedPeople(KEY), EMAIL_OPENS, rows) is rows


def test_a_row_that_clears_a_unit_is_left_alone() -> None:
    row = opened(ANN, **{REMOVED: True})
    assert without(erased_people(), EMAIL_OPENS, [row]) == [row]


def test_who_sent_and_who_got_it_are_two() -> None:
    row = {"recipient_email": "ben@example.com", "sender_email": ANN, "recipient_name": "Ben", "new_field": "x"}
    [found] = without(erased_people(), RECIPIENT_ACTIVITY, [row])
    assert found == {**row, "sender_email": erased_people().pseudonym(ANN)}


def test_an_id_of_a_list_tells_whose_the_other_addresses_are() -> None:
    row = {"id": "id-of-ann", "email": "second@example.com", "email_lower": "second@example.com", "probability": 1.0}
    [found] = without(erased_people(), LIST_PROSPECT_EMAILS, [row])
    assert found["id"] == "id-of-ann"
    assert found["email"] == found["email_lower"] == erased_people().pseudonym("second@example.com")


@pytest.mark.parametrize(
    ("row", "is_hers"), [(f'{{"userEmail":"{ANN.upper()}"}}', True), ('{"e":"joann@example.com"}', False)]
)
def test_a_rejected_row_that_names_somebody_erased_keeps_its_place_alone(row: str, is_hers: bool) -> None:
    given = {"endpoint": "emails_sent", "row_hash": "h", "reason": "why", "row": row}
    [found] = without(erased_people(), REJECTED_ROWS, [given])
    assert found == ({**given, "reason": None, "row": None} if is_hers else given)
