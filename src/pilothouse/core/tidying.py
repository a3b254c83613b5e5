"""What is thrown away by and by: sessions that ended, turns and finished jobs that nobody asks for any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.sessions.models import Session

from pilothouse.core import schedule
from pilothouse.core.house import read_house
from pilothouse.core.jobs import OPEN_STATES, Step, job
from pilothouse.core.models import Answered, Beat, Due, Job, Remembered


@job("tidy", title="Throw away what is no longer needed")
def tidy(step: Step) -> dict[str, Any]:
    """Safe at any time: nothing of it is asked for. `Any`: JSON."""
    old = step.at - timedelta(days=read_house().jobs_kept_days)
    gone = {
        "sessions": Session.objects.filter(expire_date__lt=step.at).delete()[0],
        "turns": Due.objects.filter(due_at__lt=old).delete()[0],
        "jobs": Job.objects.filter(ended_at__lt=old).exclude(state__in=OPEN_STATES).delete()[0],
        "answers": Answered.objects.filter(at__lt=step.at - timedelta(days=2)).delete()[0],
        "remembered": Remembered.objects.filter(until_s__lt=step.at.timestamp()).delete()[0],
        "workers": Beat.objects.filter(at__lt=step.at - timedelta(days=1)).delete()[0],
    }
    return {"says": "Nothing that anybody needs is gone", **gone}


schedule.every("tidy", days=1)
