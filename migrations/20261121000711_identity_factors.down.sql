drop table identity.ceremonies;
drop table identity.pending_sign_ins;
drop table identity.passkeys;
drop table identity.recovery_codes;
drop table identity.totp;
alter table identity.sessions drop column proved_at;
