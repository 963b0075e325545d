"""The moves of prospect lists and of the small lists around them."""

import random
from dataclasses import replace

from tests.sandbox.model import Account, Prospect, ProspectList
from tests.sandbox.seed_people import people, prospect
from tests.sandbox.state import WorldState


class ListMoves(WorldState):
    """Moves of prospect lists; every one takes the account's name first."""

    def add_list(self, account: str, name: str = "Added later", prospects: int = 3) -> ProspectList:
        """A new list with new prospects."""
        owner = self.account(account)
        made = ProspectList(max(owner.lists, default=1_000) + 3, name, self.now_seconds)
        owner.lists[made.id] = made
        self.add_prospects(account, made.id, prospects)
        return made

    def delete_list(self, account: str, list_id: int) -> None:
        """Removes a list: it is not listed any more, and its prospects answer 404."""
        del self.account(account).lists[list_id]

    def mark_list_deleted(self, account: str, list_id: int) -> None:
        """Flags a list as deleted; it stays in the list of lists."""
        self.account(account).lists[list_id].deletion_date = self.now_seconds

    def empty_list(self, account: str, list_id: int) -> None:
        """Takes every prospect out of a list."""
        self.account(account).lists[list_id].prospects.clear()

    def add_prospects(self, account: str, list_id: int, count: int = 1) -> list[Prospect]:
        """Adds new prospects at the head of a list."""
        found = self.account(account).lists[list_id]
        added = [prospect(self.rng, who) for who in people(self.rng, count, self.next_serial() * 1_000)]
        found.prospects[:0] = added
        return added

    def remove_prospects(self, account: str, list_id: int, count: int = 1) -> list[Prospect]:
        """Removes random prospects from a list."""
        found = self.account(account).lists[list_id].prospects
        gone = self.rng.sample(found, min(count, len(found)))
        found[:] = [member for member in found if not any(member is other for other in gone)]
        return gone

    def edit_prospects(self, account: str, list_id: int, count: int = 1) -> list[Prospect]:
        """Gives random prospects of a list another last name; returns them as they are now."""
        found = self.account(account).lists[list_id].prospects
        edited = []
        for place in self.rng.sample(range(len(found)), min(count, len(found))):
            old = found[place]
            new = replace(old, last_name=f"{old.last_name}-Edited")
            found[:] = [new if member.id == old.id else member for member in found]
            edited.append(new)
        return edited

    def change_balance(self, account: str, credits_spent: int = 1) -> None:
        """Spends credits."""
        owner = self.account(account)
        owner.balance = replace(owner.balance, balance=owner.balance.balance - credits_spent)

    def move_lists(self, rng: random.Random, account: str) -> None:
        """A random mix of list moves on every living list, and of the small lists."""
        owner: Account = self.account(account)
        for found in list(owner.lists.values()):
            if found.deletion_date is not None or not found.prospects:
                continue
            if rng.random() < 0.5:
                self.add_prospects(account, found.id, rng.randrange(1, 4))
            if rng.random() < 0.5:
                self.remove_prospects(account, found.id, rng.randrange(1, 3))
            if rng.random() < 0.5:
                self.edit_prospects(account, found.id)
        self.change_balance(account, rng.randrange(1, 50))
        owner.senders[0] = replace(owner.senders[0], valid=rng.random() < 0.5)
