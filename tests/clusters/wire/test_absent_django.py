"""The wire runs in a process where Django can't be imported."""

import subprocess
import sys

PROGRAM = """
import sys

for name in ("django", "celery", "psycopg"):
    sys.modules[name] = None
from clusters.wire import messages, projection

raw = b'{"metadata":{"name":"a","uid":"b"},"spec":{"containers":[{"name":"x","env":[{"name":"A","value":"secret"}]}]}}'
for resource in projection.resources():
    projection.fields(resource)
print(projection.project("pods", raw, marker_key=b"k").hash)
"""


def test_wire_imports_without_django():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.strip()) == 32
