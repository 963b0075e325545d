"""The marts as Dagster assets: the models of the dbt project, and its tests as checks."""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any, Final

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets
from dbt.adapters.factory import FACTORY
from dbt.cli.main import dbtRunner
from dlt.common.pipeline import get_dlt_pipelines_dir

from pipelines.marts_build import PROJECT, Marts, build
from pipelines.marts_profile import SCHEMA, environment, profile
from pipelines.pipeline import place_of
from pipelines.registry import SOURCES
from pipelines.schedules.dagster_ends import DESTINATION, LATE, POOL, RETRY, end
from sources.errors import OutreachError

_QUIETLY: Final = ("--log-level", "none", "--log-level-file", "none", "--no-version-check", "--no-write-json")


class _Translator(DagsterDbtTranslator):
    """Makes the asset of a model: its key is `marts/<model>`; that of a source is `<source>/<table>`."""

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """The asset of a model or a source."""
        found = super().get_asset_spec(manifest, unique_id, project)
        if self.get_resource_props(manifest, unique_id)["resource_type"] == "source":
            return found
        return found.replace_attributes(
            key=[SCHEMA, found.key.path[-1]],
            group_name=SCHEMA,
            freshness_policy=dg.FreshnessPolicy.time_window(fail_window=LATE),
        )


def marts(project: Path) -> dg.AssetsDefinition:
    """The models of the dbt project, built and tested by `outreach marts`."""

    @dbt_assets(
        manifest=_manifest(project),
        dagster_dbt_translator=_Translator(),
        name=SCHEMA,
        retry_policy=RETRY,
        pool=POOL,
    )
    def built(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        keys = context.selected_asset_keys if context.is_subset else ()
        found = _build(project, sorted(key.path[-1] for key in keys))
        for name in found.models:
            yield dg.MaterializeResult(asset_key=dg.AssetKey([SCHEMA, name]))
        for check in context.selected_asset_check_keys:
            if check.name not in found.skipped:
                failure = found.failed.get(check.name)
                yield dg.AssetCheckResult(
                    asset_key=check.asset_key, check_name=check.name, passed=failure is None, description=failure
                )
        end(found.exit_code, "; ".join(f"{name}: {why}" for name, why in found.failed.items()))

    return built


def _build(project: Path, select: list[str]) -> Marts:
    try:
        return build(project, destination=DESTINATION, select=select)
    except OutreachError as error:
        end(error.exit_code, str(error))
        raise


def _manifest(project: Path) -> dict[str, Any]:
    """What dbt knows of its project. It takes dbt seconds to tell, and every step of a run asks: it is kept."""
    parts = [DESTINATION.encode(), *(file.read_bytes() for file in sorted(PROJECT.rglob("*")) if file.is_file())]
    kept = Path(get_dlt_pipelines_dir()).parent / f"marts-manifest-{sha256(b'|'.join(parts)).hexdigest()[:16]}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=kept.parent, delete=False, encoding="utf-8") as file:
            json.dump(_parsed(project), file, default=str)
        Path(file.name).replace(kept)
    found: dict[str, Any] = json.loads(kept.read_bytes())
    return found


def _parsed(project: Path) -> Mapping[str, Any]:
    place = place_of(next(iter(SOURCES)), project, destination=DESTINATION, dataset="")
    with TemporaryDirectory(prefix="outreach-marts-") as name, environment(place):
        (Path(name) / "profiles.yml").write_text(json.dumps(profile(place, SCHEMA)), encoding="utf-8")
        places = ("--project-dir", str(PROJECT), "--profiles-dir", name, "--target-path", name, "--log-path", name)
        answer = dbtRunner().invoke(["parse", *_QUIETLY, "--no-partial-parse", *places])
    FACTORY.reset_adapters()  # type: ignore[no-untyped-call]  # dbt left it without types
    if answer.exception is not None:
        raise answer.exception
    parsed: Any = answer.result
    found: dict[str, Any] = parsed.writable_manifest().to_dict()
    return found
