"""What a campaign is set to: records made of the campaign alone, for its answers and for the truth."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.sandbox.model import Account, Campaign, Content

_WORDS = {"Active": "active", "Paused": "paused", "Draft": "new", "Completed": "completed", "Archived": "archived"}
_PRIORITIES = ("low", "medium", "high")
_SWITCHES = (
    "skip_unverifiable", "skip_unverified", "skip_who_replied", "skip_company_domain_who_replied",
    "skip_recipients_without_variables_data", "skip_other_recipients_email_addresses",
    "skip_recipients_added_to_my_another_campaign", "skip_recipients_added_to_team_another_campaign",
    "one_click_unsubscribe",
)  # fmt: skip
_MOST_VARIANTS = 3


@dataclass(frozen=True)
class Variant:
    """One text of an e-mail step."""

    id: int
    content: Content
    plain_text: bool
    usage: str

    @property
    def subject(self) -> str:
        """Its subject, with a variable."""
        return f"{self.content.subject} {{{{first_name}}}} {self.id % 10}"


@dataclass(frozen=True)
class Step:
    """One step of a sequence. What a type does not have is None and is not shown."""

    ref: str
    type: str
    next: str | None = None
    yes: str | None = None
    no: str | None = None
    waiting_type: str | None = None
    waiting_val: int | None = None
    action: str | None = None
    goal_name: str | None = None
    body: str | None = None
    value: int | list[int] | None = None
    variants: tuple[Variant, ...] = ()


def status(campaign: Campaign) -> str:
    """The word of the details for a campaign's status."""
    return _WORDS.get(campaign.status, campaign.status.lower())


def has_no_email(campaign: Campaign) -> bool:
    """Whether it works on LinkedIn alone, and so tracks nothing."""
    return campaign.id % 7 == 3


def priority(campaign: Campaign) -> str:
    """How urgent it is."""
    return _PRIORITIES[(campaign.id + campaign.edition) % len(_PRIORITIES)]


def sending_settings(campaign: Campaign) -> dict[str, object] | None:
    """How it sends; None where the API shows an empty PHP array."""
    number = campaign.id + campaign.edition
    if campaign.id % 5 == 0:
        return None
    return {
        "sending_priority": "first_email",
        "daily_sending_all": None if campaign.id % 4 == 0 else 10 + campaign.edition,
        "daily_sending_new_recipients": 5,
        **{name: (number >> place) % 2 == 0 for place, name in enumerate(_SWITCHES)},
    }


def deals(account: Account, campaign: Campaign) -> dict[str, object] | None:
    """What makes a deal, where configured."""
    if campaign.id % 3 or not account.pipelines:
        return None
    return {
        "event": ["email_reply", "link_click"],
        "pipeline_id": account.pipelines[0].id,
        "stage_id": account.pipelines[0].stages[0].id if account.pipelines[0].stages else None,
        "potential_value": 1_500.5,
        "currency": "EUR",
    }


def steps(campaign: Campaign) -> list[Step]:
    """The sequence: each e-mail and a delay, in some campaigns a trigger and a LinkedIn message, then the goal."""
    made: list[Step] = []
    for place, content in enumerate(campaign.contents):
        ref = _ref(campaign, len(made))
        following = [_ref(campaign, len(made) + ahead) for ahead in (1, 2, 3)]
        made.append(Step(ref, "email", following[0], variants=tuple(_variants(campaign, place, ref, content))))
        if place == 0 and campaign.id % 2:
            trigger = Step(following[0], "trigger", yes=following[1], no=following[2], action="opened", value=[1, 3])
            made += [trigger, Step(following[1], "linkedin", following[2], action="message", body="Вітаю, {{name}}")]
        else:
            made.append(
                Step(following[0], "delay", following[1], waiting_type="days", waiting_val=place + 2, value=7)
            )
    return [*made, Step(_ref(campaign, len(made)), "goal", goal_name="end")]


def variant(campaign: Campaign, step_id: int, content_id: int) -> Variant | None:
    """One text of an e-mail step, if it exists."""
    found = [each for step in steps(campaign) if step.ref == str(step_id) for each in step.variants]
    return next((each for each in found if each.id == content_id), None)


def _ref(campaign: Campaign, place: int) -> str:
    return str(campaign.id * 10_000_000 + place)


def _variants(campaign: Campaign, place: int, ref: str, content: Content) -> Iterator[Variant]:
    for slot in range(1 + (campaign.id + campaign.edition + place) % _MOST_VARIANTS):
        yield Variant(int(ref) * 10 + slot, content, slot == 1, "pause" if slot == 2 else "active")
