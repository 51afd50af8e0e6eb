"""How long a state may last before it counts as failing, and how long ago still counts as now."""

from datetime import timedelta

# The scheduler retries at once when something changes; a bind or a preemption takes seconds.
UNSCHEDULED = timedelta(seconds=30)
# Pulling a large image and mounting volumes is ordinary for a minute or two.
CREATING = timedelta(minutes=5)
# With an event that says what fails, waiting longer tells nothing new.
CREATING_WITH_EVENT = timedelta(minutes=1)
# On top of what the container's own probes grant.
UNREADY = timedelta(minutes=1)
# An unavailable Deployment that no rollout explains: pods that are being replaced come back within this.
UNAVAILABLE = timedelta(minutes=2)
# Past the deletionTimestamp, which already includes the pod's own grace period.
TERMINATING = timedelta(minutes=2)
# A provisioner needs seconds; a claim without one waits for ever.
CLAIM = timedelta(minutes=1)
# A joining node is NotReady until its network plug-in runs.
JOINING = timedelta(minutes=3)
# A Service is often applied before the workload that it selects.
NEW_SERVICE = timedelta(minutes=1)
# Metrics of new pods come with a delay.
METRICS = timedelta(minutes=5)
# The kubelet's back-off between restarts ends at 5 minutes; a crash within twice that is the same loop.
CRASH_WINDOW = timedelta(minutes=10)
# A container that runs and is ready for this long after a crash has recovered.
STEADY = timedelta(minutes=1)
