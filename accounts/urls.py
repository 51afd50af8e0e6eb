"""The addresses of accounts: a person's own, and an organization's settings."""

from django.urls import URLPattern, URLResolver, include, path

from accounts.views import grants, invitations, members, offers, organizations, profile, settings, teams

app_name = "accounts"

member_urls = [
    path("", members.show, name="member-detail"),
    path("role/", members.change_role, name="member-change-role"),
    path("reach/", members.set_reach, name="member-set-reach"),
    path("grants/", members.add_grant, name="member-grant"),
    path("remove/", members.remove, name="member-remove"),
]
team_urls = [
    path("", teams.show, name="team-detail"),
    path("rename/", teams.rename, name="team-rename"),
    path("delete/", teams.delete, name="team-delete"),
    path("members/", teams.add_member, name="team-add-member"),
    path("members/<uuid:place_id>/remove/", teams.remove_member, name="team-remove-member"),
    path("grants/", teams.add_grant, name="team-grant"),
]
invitation_urls = [
    path("resend/", invitations.resend, name="invitation-resend"),
    path("revoke/", invitations.revoke, name="invitation-revoke"),
]
settings_urls: list[URLPattern | URLResolver] = [
    path("", settings.show, name="settings"),
    path("rename/", settings.rename, name="organization-rename"),
    path("leave/", members.leave, name="organization-leave"),
    # /members/
    path("members/", members.show_list, name="member-list"),
    path("members/<uuid:membership_id>/", include(member_urls)),
    # /teams/
    path("teams/", teams.show_list, name="team-list"),
    path("teams/create/", teams.create, name="team-create"),
    path("teams/<uuid:team_id>/", include(team_urls)),
    # /grants/, of members and teams alike
    path("grants/<uuid:grant_id>/revoke/", grants.revoke, name="grant-revoke"),
    # /members/invitations/
    path("members/invitations/", invitations.show_list, name="invitation-list"),
    path("members/invitations/invite/", invitations.invite, name="invitation-invite"),
    path("members/invitations/<uuid:invitation_id>/", include(invitation_urls)),
]
urlpatterns = [
    path("start/", organizations.start, name="start"),
    path("organizations/", organizations.show_list, name="organization-list"),
    path("organizations/create/", organizations.create, name="organization-create"),
    path("invitations/<uuid:invitation_id>/accept/", offers.accept, name="invitation-accept"),
    path("invitations/<str:secret>/", offers.show, name="invitation"),
    path("profile/", profile.edit, name="profile"),
    path("profile/theme/", profile.choose_theme, name="profile-theme"),
    path("o/<slug:organization>/open/", organizations.enter, name="organization-open"),
    path("o/<slug:organization>/settings/", include(settings_urls)),
]
