"""Explains why a controller can't create pods: quota, admission, service account.

Source: the messages of the API server's admission plug-ins, as ReplicaFailure conditions and FailedCreate events
repeat them.
"""

import re

_FORMS = (
    (r"exceeded quota: (?P<subject>[^,\s]+)", "quota {subject} is used up",
     "Raise the ResourceQuota {subject}, or free what it counts: kubectl describe resourcequota."),
    (r"must specify (?P<subject>\S+)", "a quota demands {subject} of every pod",
     "Set {subject} on the containers, or a LimitRange with defaults in the namespace."),
    (r"(?:maximum|minimum) (?P<subject>\S+) usage per (?:Container|Pod)", "a LimitRange forbids its {subject}",
     "Bring the resources within the namespace's LimitRange."),
    (r"violates PodSecurity \"(?P<subject>[^\"]+)\"", "the namespace's Pod Security level {subject} forbids it",
     "Tighten the pod's securityContext to that level, or label the namespace otherwise."),
    (r"serviceaccount \"(?P<subject>[^\"]+)\" not found", "ServiceAccount {subject} doesn't exist",
     "Create ServiceAccount {subject}, or name an existing one in serviceAccountName."),
    (r"no PriorityClass with name (?P<subject>\S+)", "PriorityClass {subject} doesn't exist",
     "Create PriorityClass {subject}, or name an existing one."),
    (r"failed calling webhook \"(?P<subject>[^\"]+)\"", "admission webhook {subject} doesn't answer",
     "See that the webhook's Service has ready pods; its failurePolicy decides whether pods pass without it."),
    (r"admission webhook \"(?P<subject>[^\"]+)\" denied", "admission webhook {subject} denies it",
     "Change what the webhook objects to; its message says what."),
    (r"security context constraint", "no security context constraint admits it",
     "Grant its ServiceAccount a fitting security context constraint."),
    (r"is invalid", "the API server finds the pod invalid", "Correct the field that the message names."),
)  # fmt: skip
_KNOWN = tuple((re.compile(form), why, fix) for form, why, fix in _FORMS)


def explain(message: str) -> tuple[str, str]:
    """Return why pods can't be created, as a fragment, and what to do."""
    for form, why, fix in _KNOWN:
        match = form.search(message)
        if match:
            subject = (match.groupdict().get("subject") or "").strip('":;.,')
            return why.format(subject=subject), fix.format(subject=subject)
    return "the API server refuses them", "Read the message, and change what it objects to."
