"""Lists: filter, sort, pages by key, chosen columns, saved views and export, over a queryset or a read of one's own.

    PEOPLE = Listing(
        key="people", noun="person", plural="people", sort="name",
        columns=(Column("name", "Name", lambda row: row.name, sort="name", head=True, url=person_url), ...),
        filters=(Filter("role", "Role", options=roles, field="membership_rows__role"), ...),
        search=("name", "email"),
    )

    def person_list(request): return show(request, PEOPLE, Rows(PEOPLE, Person.objects.all()), "core/people.html")

The template extends `frame/page.html` and includes `kit/views.html` in its block `views` and `kit/list.html` in `main`.
docs/developers/lists.md
"""

from pilothouse.core.listing.asked import Asked, Cursor, read_asked
from pilothouse.core.listing.bulk import Bulk, Fitting, LeftOut, bulk_page, few_enough
from pilothouse.core.listing.exporting import exported
from pilothouse.core.listing.kinds import Column, Filter, Listing, Page, Source, Verb, View, link, soft
from pilothouse.core.listing.rows import Rows
from pilothouse.core.listing.showing import chosen_ids, columns_of, show

__all__ = [
    "Asked", "Bulk", "Column", "Cursor", "Filter", "Fitting", "LeftOut", "Listing", "Page", "Rows", "Source", "Verb", "View", "bulk_page", "chosen_ids", "columns_of", "exported", "few_enough",
    "link", "read_asked", "show", "soft",
]  # fmt: skip
