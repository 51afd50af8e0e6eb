"""What messages of runtimes, registries and the API server are taken to mean."""

import pytest

from clusters.analyzers import creation, exit_codes, images


@pytest.mark.parametrize(
    ("code", "part"),
    [
        (0, "by itself"),
        (1, "application"),
        (2, "flag"),
        (126, "can't be executed"),
        (127, "not found"),
        (137, "SIGKILL"),
        (139, "segmentation fault"),
        (143, "SIGTERM"),
        (255, "out of range"),
        (77, "of the application's own"),
        (-3, "of the application's own"),
    ],
)
def test_an_exit_code_has_a_meaning(code, part):
    assert part in exit_codes.meaning(code)


@pytest.mark.parametrize(
    ("message", "part"),
    [
        ('failed to resolve reference "r.example/a:1": r.example/a:1: not found', "no such image"),
        ("manifest unknown: manifest unknown", "no such image"),
        ("pull access denied, repository does not exist or may require authorization", "refuses access"),
        ("unexpected status from HEAD request: 401 Unauthorized", "refuses access"),
        ("toomanyrequests: You have reached your pull rate limit", "limits how often"),
        ("dial tcp: lookup registry.example on 10.0.0.10:53: no such host", "can't be resolved"),
        ("x509: certificate signed by unknown authority", "isn't trusted"),
        ("dial tcp 10.1.2.3:443: i/o timeout", "can't be reached"),
        ("no match for platform in manifest: not found", "architecture"),
        ("write /var/lib/containerd: no space left on device", "no space"),
    ],
)
def test_a_failed_pull_is_explained(message, part):
    why, advice = images.explain("ErrImagePull", message)
    assert part in why
    assert advice


def test_an_image_reason_can_say_it_all_and_an_empty_message_says_nothing():
    assert images.explain("InvalidImageName", "")[0] == "the name isn't a valid image reference"
    assert "Never" in images.explain("ErrImageNeverPull", "")[0]
    assert images.explain("ImagePullBackOff", 'Back-off pulling image "a"') == ("", "")


@pytest.mark.parametrize(
    ("message", "part"),
    [
        ('pods "a" is forbidden: exceeded quota: compute, requested: cpu=2', "quota compute is used up"),
        ('pods "a" is forbidden: failed quota: compute: must specify limits.cpu', "demands limits.cpu"),
        ('pods "a" is forbidden: violates PodSecurity "restricted:latest": x', "level restricted:latest"),
        (
            'error looking up service account shop/robot: serviceaccount "robot" not found',
            "ServiceAccount robot",
        ),
        ('pods "a" is forbidden: no PriorityClass with name vip was found', "PriorityClass vip"),
        ('Internal error occurred: failed calling webhook "v.example": timeout', "v.example doesn't answer"),
        ('admission webhook "p.example" denied the request: no', "p.example denies it"),
        ("maximum cpu usage per Container is 2, but limit is 3", "a LimitRange forbids its cpu"),
        ('Pod "a" is invalid: spec.x: Required value', "invalid"),
        ("something else", "refuses them"),
    ],
)
def test_a_refused_creation_is_explained(message, part):
    why, fix = creation.explain(message)
    assert part in why
    assert fix.endswith(".")
