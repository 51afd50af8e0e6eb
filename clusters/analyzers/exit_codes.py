"""Says what a container's exit code means.

Source: POSIX shell exit statuses (126, 127, 128 + signal) and signal(7).
"""

_SIGNALS = {
    1: "SIGHUP",
    2: "SIGINT",
    3: "SIGQUIT",
    4: "SIGILL, an illegal instruction: often an image for another CPU",
    6: "SIGABRT: the program aborted itself",
    7: "SIGBUS",
    8: "SIGFPE",
    9: "SIGKILL: killed from outside, for memory, by a failed liveness probe or after the grace period",
    11: "SIGSEGV: a segmentation fault in the program",
    13: "SIGPIPE",
    15: "SIGTERM: asked to stop, as a failed liveness probe does",
}
_PLAIN = {
    0: "the program ended by itself, as if its work were done",
    1: "an error of the application itself",
    2: "wrong usage: often a bad flag or argument",
    126: "the command was found but can't be executed",
    127: "the command was not found in the image",
    128: "the container could not be started",
    255: "an error out of range, or a state that the kubelet lost",
}


def meaning(code: int) -> str:
    """Return what the code means, as the end of a sentence."""
    if code in _PLAIN:
        return _PLAIN[code]
    if 128 < code < 128 + 65:
        return f"ended by signal {_SIGNALS.get(code - 128, code - 128)}"
    return "a code of the application's own"
