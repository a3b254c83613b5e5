"""The API of link review: pairs of records with their evidence, a person's word on one, and the word taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from pilothouse.core.calls.pages import Cursor, Limit, Page, page_of
from pilothouse.core.calls.shapes import Id
from pilothouse.equipment.models import Claim
from pilothouse.intake import reviewing, weighing
from pilothouse.intake.models import Pair

router = Router(tags=["Link review"])

State = Annotated[Literal["open", "unsure", "same", "different", "gone"], Query("open", description="What became of the pair.")]  # fmt: skip


class RecordOut(Schema):
    """One side of a pair: a record of a source, and the device that it belongs to now. says: its fields."""

    equipment_id: int
    source: str = Field(examples=["cmms"])
    key: str = Field(examples=["A-1"])
    says: dict[str, str] = Field(examples=[{"maker": "Baxter", "serial": "35970012"}])

    @staticmethod
    def resolve_source(row: Claim) -> str:
        """The source's key."""
        return str(row.source.key)

    @staticmethod
    def resolve_says(row: Claim, context: Any) -> dict[str, str]:
        """The record's values as texts, as far as the caller may see them. `Any`: what ninja knows of the call."""
        return reviewing.says(context["request"].viewer, row)


class WeightOut(Schema):
    """One piece of evidence. bits: how far it speaks for one device (above 0) or against; one bit doubles the odds."""

    words: str = Field(examples=["same serial 35970012"])
    bits: float


class PairOut(Schema):
    """Two records that may be one device, the evidence, and what was answered. probability: the linker's, 0 to 1."""

    id: int
    state: str = Field(examples=["open"])
    probability: float
    left: RecordOut
    right: RecordOut
    evidence: list[WeightOut]
    why: str = Field(description="Why a person is asked.")
    made_at: datetime
    answered_by: int | None = Field(alias="by_id")
    answered_at: datetime | None

    @staticmethod
    def resolve_evidence(row: Pair) -> Any:
        """The linker's sentence in pieces. `Any`: weights."""
        return reviewing.weights(row.evidence)

    @staticmethod
    def resolve_why(row: Pair) -> str:
        """What of the evidence makes it a question."""
        return weighing.why_asked(row)


class AnswerIn(Schema):
    """same: one device; different: two; unsure: put aside for later."""

    word: Literal["same", "different", "unsure"]


@router.get("/review", response=Page[PairOut], summary="Pairs for review")
def list_pairs(request: HttpRequest, limit: Limit, cursor: Cursor, state: State) -> Any:
    """The pairs of devices that you may see both of, the surest first; those that wait, unless another state is asked for."""
    reviewing.need_review(request.viewer)
    found = reviewing.pairs(request.viewer).filter(state=state)
    return page_of(request, found, ["-probability", "id"], limit=limit, cursor=cursor)


@router.get("/review/{int:pair_id}", response=PairOut, summary="A pair")
def get_pair(request: HttpRequest, pair_id: Id) -> Any:
    """One pair, whatever became of it."""
    return reviewing.pair_seen(request.viewer, pair_id)


@router.post("/review/{int:pair_id}/answer", response=PairOut, summary="Answer a pair")
def answer_pair(request: HttpRequest, pair_id: Id, body: AnswerIn) -> Any:
    """Your word on a pair; every later import obeys it. The same word again changes nothing; another one is refused: take the first
    back before."""
    pair = reviewing.pair_seen(request.viewer, pair_id)
    reviewing.answer(pair, body.word, by=request.viewer, at=timezone.now())
    return reviewing.pair_seen(request.viewer, pair_id)


@router.post("/review/{int:pair_id}/take-back", response=PairOut, summary="Take an answer back")
def take_back_answer(request: HttpRequest, pair_id: Id) -> Any:
    """The pair waits again; records that the answer made one device part again. On a pair that waits nothing happens."""
    pair = reviewing.pair_seen(request.viewer, pair_id)
    if pair.state != Pair.State.OPEN:
        reviewing.take_back(pair, by=request.viewer, at=timezone.now())
    return reviewing.pair_seen(request.viewer, pair_id)
