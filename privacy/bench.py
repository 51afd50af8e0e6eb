"""Figures of `manage.py bench redact`: megabytes a second on one core, against passes of the standard library's `re`."""

import random
import re
import time
from collections.abc import Callable

from privacy.redaction import redact
from privacy.redaction.vendors import TOKENS
from srexpert.benches import Figure, Options

SEED = 20250101
REFERENCE = "60 passes of re"


POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}-7d9f8b6c5d-{suffix}
  namespace: shop
  uid: 0b1c8f4e-5a0b-4f43-9d8e-{uid}
  resourceVersion: "{version}"
  creationTimestamp: "2025-03-01T10:{minute:02d}:00Z"
  labels:
    app.kubernetes.io/name: {name}
    pod-template-hash: 7d9f8b6c5d
spec:
  serviceAccountName: {name}
  containers:
  - name: {name}
    image: registry.shop.internal/{name}:v1.{minute}.3@sha256:{digest}
    resources:
      limits: {{cpu: 500m, memory: 512Mi}}
    volumeMounts:
    - mountPath: /var/run/secrets/kubernetes.io/serviceaccount
      name: kube-api-access-{suffix}
      readOnly: true
status:
  phase: Running
  conditions:
  - type: Ready
    status: "False"
    reason: ContainersNotReady
    message: 'containers with unready status: [{name}]'
"""
LOG = """\
2025-03-01T10:{minute:02d}:11.{version}Z INFO  {name} GET /api/orders/{version}?page=2 status=200 bytes=5120 took=12ms trace={digest:.32}
2025-03-01T10:{minute:02d}:12Z WARN  {name} Readiness probe failed: HTTP probe failed with statuscode: 503
{{"level":"info","ts":1740823{version},"caller":"cache/reflector.go:{minute}","msg":"Watch closed","name":"{name}","items":{minute}}}
I0301 10:{minute:02d}:13.{version}       1 controller.go:{minute}] "Reconciled" deployment="shop/{name}" generation={minute}
"""
SECRETS = """\
{{"level":"warn","msg":"login failed","user":"{name}@shop.example","addr":"203.0.113.{minute}"}}
        - name: DB_PASSWORD
          value: {value}
connecting to postgres://{name}:{value}@db.shop.svc:5432/orders
Authorization: Bearer {value}
"""


def corpus(size: int, *, every: int, seed: int = SEED) -> str:
    """Write about `size` characters of objects and logs, with secrets after each `every` paragraphs."""
    draw = random.Random(seed)  # noqa: S311 -- the same text in every run
    parts: list[str] = []
    length = paragraph = 0
    while length < size:
        paragraph += 1
        template = SECRETS if every and paragraph % every == 0 else draw.choice((POD, LOG, LOG))
        parts.append(
            template.format(
                name=draw.choice(("checkout", "cart", "payments", "search", "frontend")),
                suffix="".join(draw.choices("bcdfghjklmnpqrstvwxz2456789", k=5)),
                uid="".join(draw.choices("0123456789abcdef", k=12)),
                digest="".join(draw.choices("0123456789abcdef", k=64)),
                value="".join(
                    draw.choices("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789", k=24)
                ),
                version=draw.randrange(100000, 999999),
                minute=draw.randrange(60),
            )
        )
        length += len(parts[-1])
    return "".join(parts)


def rate(work: Callable[[str], object], text: str, seconds: float = 1.0) -> float:
    """Return the best of several runs in megabytes a second of one core's time, so that other work doesn't count."""
    best, until = 0.0, time.process_time() + seconds
    while True:
        start = time.process_time()
        work(text)
        now = time.process_time()
        best = max(best, len(text) / (now - start) / 1e6)
        if now >= until:
            return best


def sixty_passes() -> Callable[[str], object]:
    """Return the reference: one pass a pattern with `re`, over 60 of the same shapes."""
    patterns = [
        re.compile(f"(?:{prefix.decode()}){alphabet.decode()}{{{least},}}")
        for _, prefix, alphabet, least in TOKENS[:60]
    ]
    return lambda text: [pattern.findall(text) for pattern in patterns]


def measure(options: Options) -> list[Figure]:
    """Measure redaction on text with few and with many secrets, and on what would hurt a backtracker."""
    size = options.size or 1_000_000
    texts = {
        "redaction": corpus(size, every=60),
        "redaction, a secret a paragraph": corpus(size, every=2),
        "redaction, hostile": "eyJ" * (size // 3),
    }
    redact(texts["redaction"][:1000] + "@")  # compiles the rules
    reference = rate(sixty_passes(), texts["redaction"][: min(size, 500_000)])
    figures: list[Figure] = []
    for name, text in texts.items():
        value = rate(redact, text)
        figures.append(
            Figure(
                figure=name,
                size=len(text),
                value=value,
                unit="MB/s",
                reference=REFERENCE,
                reference_value=reference,
            )
        )
    return figures


BENCHES = {"redact": measure}
