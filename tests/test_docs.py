"""The reference pages cannot rot: they are what the code says now, and every table and column says what it is."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from docs.generate import SOURCES, pages
from docs.generate.diagram import joins
from docs.generate.tables import tables_page
from sources.tables import REMOVED_MARK, Column, Table

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TABLES = {f"{source}.{name}": table for source, tables in SOURCES.items() for name, table in tables.items()}
DIAGRAM = re.compile(
    r"erDiagram"
    r'|    \w+ (?:\|\||\|o|\}o)--o[|{] \w+ : "[^"]+"'
    r"|    \w+ \{"
    r"|        [a-z]+ [a-z_0-9]+ (?:PK|FK|PK, FK)"
    r"|    \}"
)
"""A line of a diagram, as Mermaid's grammar has it."""


@pytest.mark.parametrize("path", pages())
def test_every_page_is_what_make_docs_writes_now(path: str) -> None:
    found = (ROOT / "docs" / path).read_text(encoding="utf-8")
    assert found == pages()[path], f"docs/{path} is stale: run make docs"


def test_no_page_is_left_of_a_source_that_is_gone() -> None:
    kept = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs" / "tables").iterdir()}
    assert kept == {path for path in pages() if path.startswith("tables/")}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_table_says_what_a_row_is_and_how_it_is_kept(table: Table) -> None:
    assert re.fullmatch(r"One row per [^\n]+\.", table.grain)
    assert all((table.kept, table.calls, table.cursor, table.endpoint))
    assert all(column.meaning for column in table.columns)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_mark_of_the_unknown_comes_with_what_is_unknown(table: Table) -> None:
    vague = re.compile(r"\bunknown\b|\bno documented\b|\bnot (?:documented|known|stated)\b")
    assert [one.name for one in table.columns if one.evidence == "U" and not vague.search(one.meaning)] == []


@pytest.mark.parametrize("source", SOURCES)
def test_the_page_of_a_source_has_each_table_and_each_column(source: str) -> None:
    page = (ROOT / "docs" / "tables" / f"{source}.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## )", page, flags=re.MULTILINE | re.DOTALL))
    for table in SOURCES[source].values():
        named = re.findall(r"^\| `(\w+)` \| [a-z]+ \| .+ \|", sections.pop(table.name), flags=re.MULTILINE)
        assert named == [column.name for column in table.columns if column != REMOVED_MARK]
    assert sections == {}


def test_a_renamed_column_is_listed() -> None:
    page = (ROOT / "docs" / "tables" / "snovio.md").read_text(encoding="utf-8")
    renamed = page.partition("## Renamed columns\n")[2]
    assert "| `warmups` | `start_from` | `from` |" in renamed
    assert "`updated_at`" not in renamed


def test_a_pipe_in_a_meaning_does_not_break_the_table() -> None:
    table = replace(next(iter(TABLES.values())), columns=(Column("kind", "text", "Either a | or b."),))
    assert r"Either a \| or b." in tables_page("made_up", {table.name: table})


def test_the_diagram_follows_mermaids_grammar_and_draws_every_table() -> None:
    drawn = re.findall(r"```mermaid\n(.*?)\n```", pages()["erd.md"], flags=re.DOTALL)
    for diagram, tables in zip(drawn, SOURCES.values(), strict=True):
        assert [line for line in diagram.splitlines() if not DIAGRAM.fullmatch(line)] == []
        assert re.findall(r"^    (\w+) \{$", diagram, flags=re.MULTILINE) == list(tables)


@pytest.mark.parametrize("source", SOURCES)
def test_every_join_that_a_meaning_names_exists(source: str) -> None:
    tables = SOURCES[source]
    for table in tables.values():
        for column in table.columns:
            for one, place in re.findall(r"\bjoins? ([a-z_]+)\.([a-z_]+)", column.meaning):
                assert place in {other.name for other in tables[one].columns}, f"{table.name}.{column.name}"


def test_joins_tell_how_many_rows_meet() -> None:
    found = {(join.one, join.other): (join.columns, join.ends) for join in joins(SOURCES["snovio"])}
    assert found["campaigns", "emails_sent"] == (("campaign_id",), "||--o{")
    assert found["campaigns", "campaign_totals"] == (("campaign_id",), "||--o|")
    assert found["prospect_lists", "campaigns"] == (("list_id",), "|o--o{")
    assert found["sender_accounts", "campaign_details"] == (("email_accounts",), "}o--o{")
    assert found["list_prospects", "list_prospect_emails"] == (("list_id", "id", "occurrence"), "||--o{")
    assert found["list_prospects", "prospect_profiles"] == (("id",), "}o--o{")


def test_every_setting_of_the_readme_is_on_the_page() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    keys = set(re.findall(r"^\| `((?:sources|destination)\.[\w.]+)` \|", readme, flags=re.MULTILINE))
    assert keys
    assert keys <= set(re.findall(r"^\| `([\w.]+)` \|", pages()["settings.md"], flags=re.MULTILINE))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\((?!https?://)([^)\s]+)\)", path.read_text(encoding="utf-8")):
        file, _, section = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        assert not section or section in _sections(target), link


def _sections(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
