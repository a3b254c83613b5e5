"""The verbs over chosen findings as the list offers them: what each needs to know, and whom it leaves out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.http import QueryDict
from django.urls import reverse

from pilothouse.core.listing import Bulk, Fitting, LeftOut
from pilothouse.core.listing import Verb as Button
from pilothouse.core.listing.bulk import NAMED, Done
from pilothouse.core.permissions import Viewer
from pilothouse.governance.findings import forms, many
from pilothouse.governance.models import Finding


def left_out(verb: str, judged: many.Judged, named: int = NAMED) -> list[LeftOut]:
    """Those a verb does not take, by why not; some of them by number and title. One query."""
    parts = (
        (judged.unfit, f"{_is(judged.unfit)} {many.VERBS[verb].unfit}"),
        (judged.locked, f"{_is(judged.locked)} nothing that you may change"),
    )
    shown = [record for ids, _ in parts for record in ids[:named]]
    titles = dict(Finding.objects.filter(pk__in=shown).values_list("id", "title")) if shown else {}
    return [
        LeftOut(
            len(ids), why, [(f"F-{one} {titles[one]}", f"/findings/{one}/") for one in ids[:named] if one in titles]
        )
        for ids, why in parts
        if ids
    ]  # fmt: skip


def _is(ids: Sequence[int]) -> str:
    return "is" if len(ids) == 1 else "are"


def _bulk(
    does: Callable[..., many.Acted], title: str, done: str, form: type[forms.FindingForm], hint: str = ""
) -> Bulk:
    """A verb of the name of its action. `Any`: as forms read."""
    verb = does.__name__

    def fresh(viewer: Viewer, sent: QueryDict | None) -> forms.FindingForm:
        return form(sent)

    def fitting(viewer: Viewer, ids: Sequence[int]) -> Fitting:
        judged = many.judge(viewer, verb, ids)
        return Fitting(judged.chosen, judged.ids, left_out(verb, judged))

    def do(viewer: Viewer, ids: Sequence[int], told: Mapping[str, Any], at: datetime) -> Done:
        values = {name: value for name, value in told.items() if name != "seen"}
        acted = does(viewer, ids, at=at, **values)
        undo = reverse("findings_undo", args=[acted.revision]) if acted.revision else ""
        return Done(len(acted.judged.ids), undo)

    return Bulk(verb, title, done, fresh, fitting, do, hint)


BULKS: Final[Mapping[str, Bulk]] = {
    one.name: one
    for one in (
        _bulk(many.assign, "Hand over", "handed over", forms.AssignForm),
        _bulk(many.snooze, "Snooze", "snoozed; the clock stands still", forms.SnoozeForm),
        _bulk(many.comment, "Comment on", "commented on", forms.CommentForm),
        _bulk(
            many.resolve,
            "Resolve",
            "resolved",
            forms.ResolveForm,
            "The same evidence stands in each of them.",
        ),
        _bulk(
            many.reopen, "Reopen", "open again", forms.ReopenForm, "Each goes to whom the chain names now."
        ),
    )
}
BUTTONS: Final = (
    Button("assign", "Hand over", "assign_findings", "h"),
    Button("snooze", "Snooze", "work_findings", "z"),
    Button("comment", "Comment", "work_findings", "c"),
    Button("resolve", "Resolve", "work_findings", "r"),
)
REOPEN: Final = Button("reopen", "Reopen", "work_findings", "o")


def buttons_for(states: Sequence[str]) -> tuple[Button, ...]:
    """What is offered below a list of these states; of what is resolved only what can be done with it."""
    if "resolved" not in states:
        return BUTTONS
    return (BUTTONS[2], REOPEN) if set(states) == {"resolved"} else (*BUTTONS, REOPEN)
