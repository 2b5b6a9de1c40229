drop table identity.avatars;
drop index identity.users_imported_hash_idx;
drop index identity.users_referred_by_idx;
drop index identity.users_username_key;
revoke update (username, first_name, last_name, wallet_address) on identity.users from bursar_user;
grant update (email) on identity.users to bursar_user;
alter table identity.users
    drop column username,
    drop column first_name,
    drop column last_name,
    drop column email_verified_at,
    drop column tier,
    drop column tier_expires_at,
    drop column referral_code,
    drop column referred_by,
    drop column wallet_address;
drop function identity.new_referral_code();
