"""The benches of clusters."""

from clusters.bench.ingest import ingest

BENCHES = {"ingest": ingest}
