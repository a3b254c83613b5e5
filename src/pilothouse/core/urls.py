"""The addresses of the room."""

from __future__ import annotations

from django.urls import path

from pilothouse.core.views import (
    account,
    attachments,
    audit,
    health,
    jobs,
    kit,
    palette,
    people,
    places,
    settings,
    tokens,
)

urlpatterns = [
    path("kit/", kit.kit_page, name="kit_page"),
    path("palette/", palette.palette, name="palette"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("account/", account.account_page, name="account_page"),
    path("account/look/", account.account_look, name="account_look"),
    path("account/tokens/new/", tokens.token_new, name="token_new"),
    path("account/tokens/<int:token_id>/withdraw/", tokens.token_withdraw, name="token_withdraw"),
    path("account/elsewhere/", account.sign_out_elsewhere, name="account_elsewhere"),
    path("jobs/", jobs.job_list, name="job_list"),
    path("jobs/<int:number>/", jobs.job_page, name="job_page"),
    path("jobs/<int:number>/stop/", jobs.job_stop, name="job_stop"),
    path("people/", people.person_list, name="person_list"),
    path("people/new/", people.person_new, name="person_new"),
    path("people/<int:number>/", people.person_page, name="person_page"),
    path("people/<int:number>/edit/", people.person_edit, name="person_edit"),
    path("people/<int:number>/erase/", people.person_erase, name="person_erase"),
    path("people/<int:number>/roles/", people.role_give, name="role_give"),
    path("people/<int:number>/roles/<int:membership>/end/", people.role_end, name="role_end"),
    path("people/<int:number>/sign-in/", people.sign_in_make, name="sign_in_make"),
    path("people/<int:number>/sign-in/reset/", people.sign_in_reset, name="sign_in_reset"),
    path("people/<int:number>/sign-in/switch/", people.sign_in_switch, name="sign_in_switch"),
    path(
        "people/<int:number>/tokens/<int:token>/withdraw/",
        people.token_withdraw,
        name="person_token_withdraw",
    ),
    path("places/facilities/new/", places.facility_new, name="facility_new"),
    path("places/facilities/<int:number>/", places.facility_page, name="facility_page"),
    path("places/facilities/<int:number>/close/", places.facility_close, name="facility_close"),
    path("places/facilities/<int:number>/units/new/", places.unit_new, name="unit_new"),
    path("places/units/<int:number>/", places.unit_page, name="unit_page"),
    path("permissions/", settings.permission_table, name="permission_table"),
    path("settings/", settings.settings_page, name="settings_page"),
    path("audit/", audit.audit_log, name="audit_log"),
    path("audit/verify/", audit.verify, name="audit_verify"),
    path("audit/<int:number>/", audit.audit_entry, name="audit_entry"),
    path("files/", attachments.attach, name="attach"),
    path("files/<int:number>/", attachments.download, name="attachment"),
    path("files/<int:number>/remove/", attachments.remove, name="attachment_remove"),
]
