"""Why a message of an agent is refused; each class is one answer of the wire."""


class Refused(Exception):
    """A message that changes nothing; `error` is the word in the answer, `status` its HTTP code."""

    status = 400
    error = "refused"

    def __init__(self, detail: str, *, field: str = "", expected: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.expected = expected


class WrongSession(Refused):
    """The session is not the cluster's current one: the agent enrols again."""

    status = 409
    error = "session"


class Gap(Refused):
    """A batch is missing before this one; `expected` tells which."""

    status = 409
    error = "gap"


class BrokenManifest(Refused):
    """A part of a manifest came without the ones before it."""

    status = 409
    error = "manifest"


class WrongCluster(Refused):
    """The token's cluster was enrolled by another Kubernetes cluster before."""

    status = 409
    error = "cluster"


class Disconnected(Refused):
    """A person disconnected this cluster."""

    status = 403
    error = "disconnected"


class WrongToken(Refused):
    """The bearer token is wrong, revoked or expired."""

    status = 401
    error = "token"
