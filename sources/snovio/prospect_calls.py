"""The calls about prospects and the lists they are in."""

from sources.snovio.client import SnovioClient
from sources.snovio.shapes import ProspectPage, Row, profile_of, profiles_of, prospect_page, rows_of


class ProspectCalls(SnovioClient):
    """Prospect lists, their members, and the profile of one prospect."""

    def prospect_lists(self) -> list[Row]:
        """Returns all prospect lists, deleted ones included; documented as one bare array."""
        return rows_of("prospect_lists", self._call("prospect_lists"))

    def list_prospects(self, list_id: int, page: int, per_page: int) -> ProspectPage:
        """Returns one page of a list's prospects.

        Args:
            list_id: The prospect list.
            page: From 1.
            per_page: Rows wanted, documented up to 5,000 (formerly 100); the server may send fewer without a word.

        Raises:
            NotFound: The list is gone.
        """
        form = {"listId": list_id, "page": page, "perPage": per_page}
        return prospect_page(self._call("list_prospects", form=form))

    def prospect_profile(self, prospect_id: str) -> Row:
        """Returns the profile of one prospect.

        Args:
            prospect_id: Which form of id is accepted is unknown: that of list prospects, or that of profiles.

        Raises:
            NotFound: There is no such prospect, or its id is not accepted.
        """
        return profile_of(self._call("prospect_profiles", form={"id": prospect_id}))

    def prospect_profiles_by_email(self, email: str) -> list[Row]:
        """Returns the profiles of all prospects with an address; counted under `prospect_profiles`.

        Raises:
            NotFound: There is none.
        """
        form = {"email": email}
        return profiles_of(self._call("prospect_profiles_by_email", form=form, counted_as="prospect_profiles"))
