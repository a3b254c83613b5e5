"""The API of names to confirm: those that wait, a decision that counts for all devices at once, and the decision taken back."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from pilothouse.core.calls.pages import Cursor, Limit, Page, page_of
from pilothouse.core.calls.shapes import Id, Moment
from pilothouse.core.errors import NotFound
from pilothouse.exposure.actions.naming import LONGEST, decide_name, take_back_name
from pilothouse.exposure.models import NameDecision
from pilothouse.exposure.reads.names import need_names, undecided

router = Router(tags=["Names to confirm"])


class NameOut(Schema):
    """A name that only resembles a product. score: how much, 0 to 1; devices: how many bear it; advisory: the newest of so many."""

    seen: str = Field(examples=["nimbsu 300"])
    means: str = Field(examples=["Nimbus 300"])
    maker: str
    model: str
    name: str
    score: float
    why: str
    devices: int
    advisory: int = Field(alias="advisory_id")
    advisories: int


class DecisionIn(Schema):
    """Whether what is seen is the product: `seen` and `means` as the list gives them."""

    seen: str = Field(min_length=1, max_length=LONGEST)
    means: str = Field(min_length=1, max_length=LONGEST)
    decision: Literal["same", "different"]


class DecisionOut(Schema):
    """A decision that stands, for every device that is called so."""

    id: int
    seen: str
    means: str
    decision: str = Field(examples=["same"])
    decided_by: int | None = Field(alias="by_id")
    decided_at: Moment = Field(None, alias="at")


class TakenBackOut(Schema):
    """The name that is asked about again."""

    seen: str
    means: str


@router.get("/names", response=Page[NameOut], summary="Names to confirm")
def list_names(request: HttpRequest, limit: Limit, cursor: Cursor) -> Any:
    """Names nobody has decided on, those of the most devices first."""
    need_names(request.viewer)
    return page_of(request, undecided(), ["-devices", "-score", "id"], limit=limit, cursor=cursor)


@router.get("/names/decisions", response=Page[DecisionOut], summary="Decisions on names")
def list_decisions(request: HttpRequest, limit: Limit, cursor: Cursor) -> Any:
    """What was decided and stands, the newest first."""
    need_names(request.viewer)
    return page_of(request, NameDecision.objects.filter(kind="product"), ["-since", "-id"], limit=limit, cursor=cursor)  # fmt: skip


@router.post("/names/decisions", response=DecisionOut, summary="Decide on a name")
def decide_on_name(request: HttpRequest, body: DecisionIn) -> Any:
    """Same or different, for all devices now and later; a job judges them anew. The same again changes nothing, the other replaces it."""
    need_names(request.viewer)
    return decide_name(by=request.viewer, at=timezone.now(), seen=body.seen, means=body.means, decision=body.decision)  # fmt: skip


@router.post(
    "/names/decisions/{int:name_id}/take-back", response=TakenBackOut, summary="Take a decision back"
)
def take_back_decision(request: HttpRequest, name_id: Id) -> Any:
    """The name is asked about again; a job judges its devices anew."""
    need_names(request.viewer)
    found = NameDecision.objects.filter(pk=name_id).first()
    if found is None:
        raise NotFound("There is no such decision")
    take_back_name(by=request.viewer, at=timezone.now(), decision=name_id)
    return found
