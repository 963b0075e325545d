"""What the systemd units promise; `make schedules` runs them."""

from pathlib import Path

from tests.schedules.files import FOLDER, environment_of, unit


def test_what_the_service_writes_lies_where_it_may_write(tmp_path: Path) -> None:
    service = unit("outreach@.service", "snovio", tmp_path)
    allowed = (
        *(f"{tmp_path}/lib/{name}" for name in service["StateDirectory"]),
        *(f"{tmp_path}/cache/{name}" for name in service["CacheDirectory"]),
    )
    assert service["ProtectSystem"] == ["strict"]
    assert all(place.startswith(allowed) for place in environment_of(service).values())


def test_a_load_that_is_no_failure_alerts_nobody(tmp_path: Path) -> None:
    service = unit("outreach@.service", "snovio", tmp_path)
    assert service["SuccessExitStatus"] == ["5 6"]
    (failed,) = service["OnFailure"]
    assert (FOLDER / "systemd" / failed.replace("@snovio", "@")).is_file()


def test_no_unit_holds_a_secret() -> None:
    for file in (FOLDER / "systemd").iterdir():
        assert "SECRET" not in file.read_text()
