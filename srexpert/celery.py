"""The Celery application; tasks and their times come from each app's tasks.py and schedule.py."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "srexpert.settings")

app = Celery("srexpert")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def _read_schedules(sender: Celery, **_: object) -> None:
    """Puts the declared schedules into the beat; a declaration names its task, so nothing is imported."""
    from srexpert import discovery  # noqa: PLC0415 -- needs the app registry

    sender.conf.beat_schedule = discovery.schedule()
