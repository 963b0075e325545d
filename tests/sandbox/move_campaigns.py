"""The moves of campaigns."""

import random

from tests.sandbox import vocabulary
from tests.sandbox.model import Campaign
from tests.sandbox.seed_events import CampaignEvents
from tests.sandbox.seed_people import people
from tests.sandbox.state import WorldState


class CampaignMoves(WorldState):
    """Moves of campaigns; every one takes the account's name first."""

    def add_campaign(self, account: str, name: str = "Added later", sent: int = 20) -> Campaign:
        """A new running campaign with some events of the last days."""
        owner = self.account(account)
        created = self.now_seconds - 5 * 86_400
        campaign = Campaign(
            id=max(owner.campaigns, default=200_000) + 7,
            name=name,
            list_id=next(iter(owner.lists), 1),
            status="Active",
            created_at=created,
            updated_at=created,
            started_at=created,
            sender_ids=(owner.senders[0].id,),
            contents=tuple(vocabulary.content(50 + step) for step in range(3)),
            people=people(self.rng, 12, self.next_serial() * 1_000),
        )
        owner.campaigns[campaign.id] = campaign
        CampaignEvents(self.rng, owner, campaign, self.now_seconds, self.serials()).fill(sent)
        return campaign

    def delete_campaign(self, account: str, campaign_id: int) -> None:
        """Removes a campaign with everything below it: its endpoints answer 404 from now on."""
        owner = self.account(account)
        del owner.campaigns[campaign_id]
        owner.completed.pop(campaign_id, None)
        for table in owner.events.values():
            table.pop(campaign_id, None)

    def rename_campaign(self, account: str, campaign_id: int, name: str) -> None:
        """Gives a campaign another name; all its rows show it."""
        campaign = self.account(account).campaigns[campaign_id]
        campaign.name = name
        self.change_settings(account, campaign_id)

    def change_status(self, account: str, campaign_id: int, status: str) -> None:
        """Sets a campaign's status word."""
        campaign = self.account(account).campaigns[campaign_id]
        campaign.status = status
        self.change_settings(account, campaign_id)

    def change_settings(self, account: str, campaign_id: int) -> None:
        """Gives a campaign other settings and other variants of its texts."""
        campaign = self.account(account).campaigns[campaign_id]
        campaign.edition += 1
        campaign.updated_at = self.now_seconds

    def move_campaigns(self, rng: random.Random, account: str) -> None:
        """Now and then renames a campaign, pauses it or sets it going."""
        for campaign in list(self.account(account).campaigns.values()):
            if rng.random() < 0.1:
                self.rename_campaign(account, campaign.id, f"{campaign.name} (2)")
            if campaign.started_at is not None and rng.random() < 0.1:
                self.change_status(account, campaign.id, rng.choice(("Active", "Paused")))
