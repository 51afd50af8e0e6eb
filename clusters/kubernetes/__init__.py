"""Kubernetes' own notions, without Django: fields, quantities, selectors, pod templates, references, inventory."""
