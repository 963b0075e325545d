"""The made-up words a world is built from, with the awkward ones that real accounts have."""

import json

from tests.sandbox.model import Content

FIRST_NAMES = (
    "John", "Jane", "Zoë", "Łukasz", "Олена", "José", "Mary-Ann", "李", "Siân", "O'Brien", "Ángel", "Jürgen",
    "محمد", "Sam", "Noël", "Ġorġ", "Priya", "anna", "DAVID", "Ewa",
)  # fmt: skip
LAST_NAMES = (
    "Doe", "Smith", "Müller", "Kovačić", "Шевченко", "García Márquez", "van der Berg", "雷", "Ó Súilleabháin",
    "Example", "Ångström", "Nowak", "Dvořák", "Sørensen", "Rossi", "Yılmaz", "Fischer", "de la Cruz",  # noqa: RUF001  # real letters
)  # fmt: skip
DOMAINS = ("example.com", "example.org", "agency.example.com", "logistics.example.net", "shop.example.org")
LOCALITIES = (None, "Greater Atlanta Area", "Kraków, Poland", "Київ", "", "São Paulo", None)
INDUSTRIES = (None, "Airlines/Aviation", "Information Technology & Services", "Entertainment", None)
COUNTRIES = (None, "United States", "Poland", "Ukraine", "Côte d’Ivoire", None)  # noqa: RUF001  # a real spelling
SKILLS = ("", "", "", "Sales, Negotiation", "Python; SQL")
POSITIONS = ("Manager", "Quality assurance engineer", "Head of “Growth”", "CTO")

LABELS = (
    "Phone", "Birthday", "рпа", "🚀 emoji", "Deal size", "deal-size", "company", "Project name", "SEO",
    "with \"quotes\" & 'more'", "", "x" * 180, "select", "tab\there",
)  # fmt: skip
"""Custom field labels: two that normalise to one name, an empty one, an SQL keyword, a very long one."""

CUSTOM_VALUES = (
    "",
    "",
    "+1 555 0100",
    "1990-02-30",
    "так",
    "0",
    "null",
    '{"a": 1}',
    "🙂 smile",
    "line\nbreak",
)

CAMPAIGN_NAMES = (
    "New Campaign", "Test campaign", "Кампанія «Осінь»", "Example - Developer outreach",
    "Q3 – EMEA / Follow-up",  # noqa: RUF001  # a dash people type
    "new campaign", "Webinar 🎉", "LinkedIn touch", 'Re-engagement "gold"', "Agencies DACH", "Trial users",
    "Old archive", "Silent one", "Partners", "Investors",
)  # fmt: skip

_PARAGRAPH = (
    "<p>Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et "
    "dolore magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris.</p>\n"
)
_SUBJECTS = (
    "Special content for you",
    'A "quoted" question',
    "Пропозиція для вас — 20 %",
    "Line\nbreak and tab\t",
    '"Quoted from end to end"',
    "C:\\path\\and \\u00e9",
    "Quick question 🤔",
)


def content(number: int) -> Content:
    """The texts of a sequence step: most shown double encoded (escaped or not), every seventh as it is."""
    subject = _SUBJECTS[number % len(_SUBJECTS)]
    if number >= len(_SUBJECTS):
        subject = f"Step {number}: {subject}"
    link = f'<a href="https://www.example.com/?utm={number}&amp;x=1">Дивитись “offer” \\ now</a>'
    body = _PARAGRAPH * 2 + link
    if number % 7 == 6:
        return Content(subject, body, subject, body)
    escaped = number % 2 == 0
    return Content(subject, body, json.dumps(subject, ensure_ascii=escaped), json.dumps(body, ensure_ascii=escaped))
