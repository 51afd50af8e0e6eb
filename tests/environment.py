"""The environment of a test process, set before Django reads its settings."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "srexpert.settings")
os.environ["SREXPERT_STATIC_FROM_SOURCE"] = "1"
# Messages of tests go to a queue of their own, so that no worker of a running product takes them.
os.environ["SREXPERT_QUEUE"] = f"test-{os.getpid()}"
os.environ.setdefault("LOG_LEVEL", "WARNING")
