"""The walk over types: no string without a disposition."""

import pytest

from clusters.wire.registry import KINDS
from clusters.wire.rules import Name, Part, camel_case
from clusters.wire.walking import cleaner, field_types, operation, present


def test_every_field_of_every_kind_has_a_disposition():
    seen = set()

    def compile_all(hint):
        hint = present(hint)
        if isinstance(hint, type) and issubclass(hint, Part) and hint not in seen:
            seen.add(hint)
            cleaner(hint)
            for inner in field_types(hint).values():
                compile_all(inner)
        for inner in getattr(hint, "__args__", ()):
            compile_all(inner)

    for kind in KINDS.values():
        compile_all(kind.type)
    assert len(seen) > 200


@pytest.mark.parametrize("hint", [str, list[str], dict[str, int], dict[Name, str], bytes])
def test_string_without_disposition_is_refused(hint):
    with pytest.raises(TypeError, match=r"Some\.field"):
        operation(hint, "Some.field")


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("host_ip", "hostIP"),
        ("cluster_ips", "clusterIPs"),
        ("ip_family_policy", "ipFamilyPolicy"),
        ("from_", "from"),
        ("set_hostname_as_fqdn", "setHostnameAsFQDN"),
        ("non_resource_urls", "nonResourceURLs"),
        ("target_cpu_utilization_percentage", "targetCPUUtilizationPercentage"),
    ],
)
def test_camel_case_spells_as_kubernetes_does(name, spelt):
    assert camel_case(name) == spelt
