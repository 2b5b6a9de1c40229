delete from identity.links where purpose in ('email', 'registration');
alter table identity.links drop constraint links_purpose_check;
drop index identity.links_invitation_id_idx;
alter table identity.links drop column invitation_id, drop column email;
alter table identity.links
    add constraint links_purpose_check check (purpose in ('setup', 'password_reset'));
drop table identity.invitations;
drop table identity.registration;
