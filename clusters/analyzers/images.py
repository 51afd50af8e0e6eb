"""Reads from a container runtime's message why an image can't be had.

Source: the messages of containerd, CRI-O and Docker for failed pulls, as the kubelet passes them on.
"""

import re

REASONS = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "ErrImageNeverPull",
        "InvalidImageName",
        "ImageInspectError",
        "RegistryUnavailable",
        "SignatureValidationFailed",
    }
)

_FORMS = (
    (r"toomanyrequests|too many requests|429", "the registry limits how often one may pull",
     "wait, or pull with an account or through a mirror"),
    (r"unauthorized|401|authentication required|no basic auth|403|forbidden|denied",
     "the registry refuses access: credentials are missing or wrong, or the repository doesn't exist",
     "check imagePullSecrets of the pod or its ServiceAccount, and that the repository exists"),
    (r"no matching manifest|no match for platform", "the image has no build for this node's architecture",
     "build it for that platform, or select nodes by kubernetes.io/arch"),
    (r"not found|manifest unknown|name unknown|does not exist", "the registry has no such image or tag",
     "check name and tag, and whether the build pushed it"),
    (r"no such host|lookup .* on |server misbehaving", "the registry's name can't be resolved",
     "check the registry's name and the node's DNS"),
    (r"x509|certificate", "the registry's certificate isn't trusted by the node",
     "install the certificate authority on the nodes"),
    (r"timeout|deadline exceeded|connection refused|i/o|no route|reset by peer", "the registry can't be reached",
     "check network and firewall from the node to the registry"),
    (r"no space left|disk", "the node has no space for it", "free disk space on the node"),
)  # fmt: skip
_KNOWN = tuple((re.compile(form, re.IGNORECASE), reason, advice) for form, reason, advice in _FORMS)


def explain(reason: str, message: str) -> tuple[str, str]:
    """Return why the image can't be had and what to do, or two empty strings where the message doesn't say."""
    if reason == "InvalidImageName":
        return "the name isn't a valid image reference", "correct the name"
    if reason == "ErrImageNeverPull":
        return (
            "imagePullPolicy is Never and the node doesn't have it",
            "load it on the nodes, or let the kubelet pull it",
        )
    for form, why, advice in _KNOWN:
        if form.search(message):
            return why, advice
    return "", ""
