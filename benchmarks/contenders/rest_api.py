"""dlt's own declarative source: `python -m benchmarks.contenders.rest_api JSON`.

Configured as its documentation shows it: the opens of every campaign of the campaign list, merged by their id.
"""

import json
import sys
import time
from typing import Any

import dlt
from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials
from dlt.sources.helpers.rest_client.paginators import OffsetPaginator
from dlt.sources.rest_api import rest_api_source
from dlt.sources.rest_api.typing import RESTAPIConfig


def configuration(url: str, client_id: str, client_secret: str) -> RESTAPIConfig:
    """What `rest_api_source` is told."""
    return {
        "client": {
            "base_url": url,
            "auth": OAuth2ClientCredentials(
                access_token_url=f"{url}/v1/oauth/access_token", client_id=client_id, client_secret=client_secret
            ),
        },
        "resource_defaults": {"primary_key": "id", "write_disposition": "merge"},
        "resources": [
            {"name": "campaigns", "endpoint": {"path": "v1/get-user-campaigns", "paginator": "single_page"}},
            {
                "name": "email_opens",
                "endpoint": {
                    "path": "v1/get-emails-opened",
                    "params": {"campaignId": "{resources.campaigns.id}"},
                    "paginator": OffsetPaginator(limit=10_000, total_path=None, stop_after_empty_page=True),
                },
            },
        ],
    }


def main(url: str, client_id: str, client_secret: str, file: str, **options: Any) -> None:
    """Loads once, and prints the seconds from before the source is made until the run returns."""
    began = time.monotonic()
    source = rest_api_source(configuration(url, client_id, client_secret))
    destination = dlt.destinations.duckdb(file, **options)
    dlt.pipeline("rest_api", destination=destination, dataset_name="opens").run(source)
    sys.stdout.write(json.dumps({"seconds": time.monotonic() - began}) + "\n")


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    del given["rows"], given["pages"]
    main(**given)
