"""Sign-up, log-in, log-out, passwords: the whole way, with real mail."""

import re
import runpy
from pathlib import Path

import pytest
from django.contrib.auth.hashers import get_hasher
from django.test import Client

import srexpert
from accounts.models import User
from srexpert.outbox import dispatch
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.django_db

NEW = {"name": "Nina New", "email": "Nina.New@Contoso.example", "password1": "a-long-and-unusual-one-5"}


def link_of(mail):
    body = mail.get_body(("plain",)).get_content()
    return re.search(r"http://[^/\s]+(/\S+)", body)[1]


def log_in(client, email, password=PASSWORD, **more):
    return client.post("/accounts/login/", {"login": email, "password": password}, **more)


def test_sign_up_verify_create_and_arrive_at_the_fleet(inbox):
    client = Client()
    assert client.post("/accounts/signup/", NEW).headers["Location"] == "/accounts/confirm-email/"
    dispatch.drain()
    (mail,) = inbox
    assert mail["To"] == "nina.new@contoso.example"
    assert mail["Subject"] == "Confirm your address to start with SRExpert"
    assert "Hello Nina New," in mail.get_content()
    page = client.get(link_of(mail))
    assert "nina.new@contoso.example" in page.content.decode()
    assert client.post(link_of(mail)).headers["Location"] == "/"
    arrived = client.get("/", follow=True)
    assert arrived.redirect_chain[-1][0] == "/organizations/"
    assert "Create organization" in arrived.content.decode()
    created = client.post("/organizations/create/", {"name": "Contoso GmbH", "slug": ""}, follow=True)
    assert created.redirect_chain == [("/o/contoso-gmbh/open/", 302), ("/o/contoso-gmbh/", 302)]
    assert created.status_code == 200
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/o/contoso-gmbh/"


def test_an_unverified_person_does_not_get_in(inbox):
    Client().post("/accounts/signup/", NEW)
    client = Client()
    assert log_in(client, NEW["email"], NEW["password1"]).headers["Location"] == "/accounts/confirm-email/"
    assert client.get("/organizations/").status_code == 302


def test_sign_up_with_a_known_address_says_the_same_and_writes_to_its_owner(cast, inbox):
    fresh = Client().post("/accounts/signup/", NEW)
    known = Client().post("/accounts/signup/", NEW | {"email": cast.viewer.email})
    assert (known.status_code, known.headers["Location"]) == (fresh.status_code, fresh.headers["Location"])
    dispatch.drain()
    assert [m["Subject"] for m in inbox] == [
        "Confirm your address to start with SRExpert",
        "You have an account already",
    ]
    assert User.objects.filter(email=cast.viewer.email).count() == 1


def test_sign_up_hashes_as_many_passwords_for_a_known_address_as_for_a_new_one(cast, monkeypatch):
    hashed = []
    hasher = type(get_hasher())
    encode = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda self, *args: hashed.append(args[0]) or encode(self, *args))
    Client().post("/accounts/signup/", NEW)
    fresh = hashed.copy()
    hashed.clear()
    Client().post("/accounts/signup/", NEW | {"email": cast.viewer.email})
    assert hashed == fresh == [NEW["password1"]]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": ""}, "name", "This field is required."),
        ({"email": "no address"}, "email", "Enter a valid email address."),
        ({"password1": "short"}, "password1", "This password is too short."),
        ({"password1": "nina.new@contoso"}, "password1", "too similar"),
    ],
)
def test_sign_up_shows_errors_at_the_field_and_keeps_what_was_typed(change, field, words):
    page = Client().post("/accounts/signup/", NEW | change)
    html = page.content.decode()
    assert page.status_code == 200
    assert words in html
    assert f'id="id_{field}_error"' in html
    assert 'class="error-summary" role="alert"' in html
    if field != "name":
        assert 'value="Nina New"' in html
    assert not User.objects.exists()


def test_log_in_by_address_in_any_case_and_log_out(cast):
    client = Client()
    assert log_in(client, cast.owner.email.upper()).headers["Location"] == "/"
    assert client.get("/start/").headers["Location"] == "/o/northwind/"
    assert client.get("/accounts/logout/").status_code == 200
    assert client.post("/accounts/logout/").headers["Location"] == "/"
    assert client.get("/start/").headers["Location"] == "/accounts/login/?next=/start/"


def test_log_in_goes_where_the_person_was_going_and_nowhere_else(cast):
    assert log_in(Client(), cast.owner.email, QUERY_STRING="next=/o/northwind/clusters/").headers[
        "Location"
    ] == ("/o/northwind/clusters/")
    assert (
        log_in(Client(), cast.owner.email, QUERY_STRING="next=https://evil.example/").headers["Location"]
        == "/"
    )


def test_log_in_with_a_wrong_password_says_so_without_telling_who_exists(cast):
    known = log_in(Client(), cast.owner.email, "wrong").content.decode()
    unknown = log_in(Client(), "nobody@northwind.example", "wrong").content.decode()
    words = "Address and password don&#x27;t fit together."
    assert words in known
    assert words in unknown


@pytest.mark.parametrize("spoofed", [False, True])
def test_too_many_failures_for_an_address_end_in_our_429(cast, spoofed):
    def attempt(number, password):
        headers = {"X-Forwarded-For": f"198.51.100.{number}"} if spoofed else {}
        return log_in(Client(), cast.owner.email, password, headers=headers)

    assert [attempt(number, "wrong").status_code for number in range(6)] == [200] * 5 + [429]
    refused = attempt(7, PASSWORD)
    assert refused.status_code == 429
    assert "Too many attempts" in refused.content.decode()
    assert log_in(Client(), cast.viewer.email).status_code == 302


def test_failures_for_an_address_do_not_lock_its_owner_out_elsewhere(cast):
    far = {"REMOTE_ADDR": "198.51.100.7"}
    statuses = [log_in(Client(), cast.owner.email, "wrong", **far).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert log_in(Client(), cast.owner.email, **far).status_code == 429
    assert log_in(Client(), cast.owner.email).status_code == 302


def test_failures_behind_a_proxy_count_by_the_address_that_the_proxy_saw(cast, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def attempt(forwarded, password):
        return log_in(
            Client(), cast.owner.email, password, headers={"X-Forwarded-For": forwarded}
        ).status_code

    claims = [f"192.0.2.{number}, 198.51.100.7" for number in range(6)]
    assert [attempt(claim, "wrong") for claim in claims] == [200] * 5 + [429]
    assert attempt("192.0.2.1, 198.51.100.8", PASSWORD) == 302


@pytest.mark.parametrize(
    ("environment", "proxies"),
    [
        ({}, 0),
        ({"SREXPERT_BEHIND_PROXY": "yes"}, 1),
        ({"SREXPERT_BEHIND_PROXY": "yes", "SREXPERT_PROXIES": "2"}, 2),
    ],
)
def test_proxies_are_trusted_only_behind_one(monkeypatch, environment, proxies):
    for name in ("SREXPERT_BEHIND_PROXY", "SREXPERT_PROXIES"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    read = runpy.run_path(str(Path(srexpert.__file__).with_name("settings.py")))
    assert read.get("ALLAUTH_TRUSTED_PROXY_COUNT", 0) == proxies


def test_too_many_failures_from_one_place_end_in_429_whatever_the_address(cast):
    statuses = [log_in(Client(), f"n{number}@x.example", "wrong").status_code for number in range(11)]
    assert statuses == [200] * 10 + [429]
    assert log_in(Client(), cast.viewer.email, REMOTE_ADDR="198.51.100.7").status_code == 302


def test_too_many_sign_ups_and_resets_end_in_429(cast):
    signups = [Client().post("/accounts/signup/", NEW | {"name": ""}).status_code for _ in range(21)]
    assert signups == [200] * 20 + [429]
    resets = [
        Client().post("/accounts/password/reset/", {"email": cast.viewer.email}).status_code for _ in range(6)
    ]
    assert resets == [302] * 5 + [429]


def test_a_forgotten_password_is_reset_by_a_link_that_works_once(cast, inbox):
    old = Client()
    log_in(old, cast.viewer.email)
    client = Client()
    assert client.post("/accounts/password/reset/", {"email": cast.viewer.email}).status_code == 302
    dispatch.drain()
    (mail,) = inbox
    assert mail["Subject"] == "Choose a new password"
    form = client.get(link_of(mail), follow=True)
    address = form.redirect_chain[-1][0]
    chosen = {"password1": "another-long-and-odd-one-9", "password2": "another-long-and-odd-one-9"}
    mismatch = client.post(address, chosen | {"password2": "different-but-long-one"})
    assert 'id="id_password2_error"' in mismatch.content.decode()
    assert client.post(address, chosen).status_code == 302
    assert log_in(Client(), cast.viewer.email, chosen["password1"]).headers["Location"] == "/"
    assert old.get("/start/").headers["Location"].startswith("/accounts/login/")
    assert "This link is not valid" in Client().get(link_of(mail), follow=True).content.decode()
    dispatch.drain()
    assert [m["Subject"] for m in inbox] == ["Choose a new password", "Your password was reset"]


def test_a_reset_for_an_unknown_address_says_the_same(cast, inbox):
    answers = [
        Client().post("/accounts/password/reset/", {"email": email}).headers["Location"]
        for email in (cast.viewer.email, "nobody@nowhere.example")
    ]
    assert answers[0] == answers[1]
    dispatch.drain()
    assert [m["Subject"] for m in inbox] == ["Choose a new password", "There is no account for this address"]


def test_changing_the_password_needs_the_current_one_and_logs_out(cast, inbox):
    client = Client()
    log_in(client, cast.viewer.email)
    new = {"password1": "another-long-and-odd-one-9", "password2": "another-long-and-odd-one-9"}
    wrong = client.post("/accounts/password/change/", new | {"oldpassword": "wrong"})
    assert "That is not your current password." in wrong.content.decode()
    client.post("/accounts/password/change/", new | {"oldpassword": PASSWORD})
    assert client.get("/start/").headers["Location"].startswith("/accounts/login/")
    assert log_in(Client(), cast.viewer.email, new["password1"]).status_code == 302
    dispatch.drain()
    assert [m["Subject"] for m in inbox] == ["Your password was changed"]


def test_changing_the_address_asks_for_the_password_and_keeps_the_old_until_the_new_is_confirmed(cast, inbox):
    client = Client()
    log_in(client, cast.viewer.email)
    before = cast.viewer.email
    asked = client.post("/accounts/email/", {"action_add": "", "email": "marta@northwind.example"})
    again = asked.headers["Location"]
    assert again.startswith("/accounts/reauthenticate/")
    assert "Confirm that it is you" in client.get(again).content.decode()
    assert "That is not your password." in client.post(again, {"password": "wrong"}).content.decode()
    client.post(again, {"password": PASSWORD})
    assert "marta@northwind.example" in client.get("/accounts/email/").content.decode()
    dispatch.drain()
    confirmation = next(m for m in inbox if m["To"] == "marta@northwind.example")
    cast.viewer.refresh_from_db()
    assert cast.viewer.email == before
    client.post(link_of(confirmation))
    cast.viewer.refresh_from_db()
    assert cast.viewer.email == "marta@northwind.example"
    dispatch.drain()
    assert {(m["To"], m["Subject"]) for m in inbox} == {
        ("marta@northwind.example", "Confirm your address"),
        (before, "Your address was changed"),
    }


@pytest.mark.parametrize(
    "path",
    [
        "/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/password/reset/done/",
        "/accounts/confirm-email/", "/accounts/confirm-email/wrong/", "/accounts/inactive/",
        "/accounts/password/reset/key/a-b/", "/accounts/password/reset/key/done/", "/invitations/wrong/",
    ],
)  # fmt: skip
def test_public_pages_are_ours_and_need_no_script(path):
    page = Client().get(path, follow=True)
    html = page.content.decode()
    assert page.status_code == 200
    assert "· SRExpert</title>" in html
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", html)


@pytest.mark.parametrize(
    "path",
    [
        "/profile/",
        "/organizations/",
        "/organizations/create/",
        "/accounts/password/change/",
        "/accounts/email/",
        "/accounts/logout/",
    ],
)
def test_personal_pages_are_ours_and_not_cached(cast, path):
    client = Client()
    log_in(client, cast.owner.email)
    page = client.get(path)
    assert page.status_code == 200
    assert "· SRExpert</title>" in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
