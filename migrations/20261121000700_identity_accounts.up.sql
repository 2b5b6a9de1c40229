-- What an account is besides an email address and a password: names, tier, who brought the person,
-- a wallet, a picture.

-- Ten characters that cannot be taken for each other. Not secret; chance alone keeps codes apart,
-- and the unique constraint has the last word.
create function identity.new_referral_code() returns text
language sql volatile
return (
    select string_agg(substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', 1 + floor(random() * 32)::integer, 1), '')
    from generate_series(1, 10)
);
grant execute on function identity.new_referral_code() to bursar_system;

alter table identity.users
    add column username text,
    add column first_name text not null default '',
    add column last_name text not null default '',
    add column email_verified_at timestamptz,
    add column tier text not null default 'observer',
    -- After this instant the tier counts as observer; null is without end.
    add column tier_expires_at timestamptz,
    add column referral_code text not null default identity.new_referral_code(),
    add column referred_by uuid,
    add column wallet_address text,
    add constraint users_username_check check (username ~ '^[A-Za-z][A-Za-z0-9_.-]{2,29}$'),
    add constraint users_tier_check
        check (tier in ('observer', 'trader', 'professional', 'enterprise')),
    add constraint users_tier_expires_at_check check (tier <> 'observer' or tier_expires_at is null),
    add constraint users_referral_code_check check (referral_code ~ '^[2-9A-HJ-NP-Z]{6,10}$'),
    add constraint users_referral_code_key unique (referral_code),
    add constraint users_referred_by_fkey foreign key (referred_by)
        references identity.users (id) on delete set null,
    add constraint users_referred_by_check check (referred_by <> id),
    add constraint users_wallet_address_check check (wallet_address ~ '^[1-9A-HJ-NP-Za-km-z]{32,44}$'),
    add constraint users_wallet_address_key unique (wallet_address);
create unique index users_username_key on identity.users (lower(username));
create index users_referred_by_idx on identity.users (referred_by) where referred_by is not null;
-- Sign-in asks for the dearest imported hash; most instances have none.
create index users_imported_hash_idx on identity.users (substr(password_hash, 5, 2))
    where password_hash like '$2%';

-- An address changes by a proof alone, which the system checks.
revoke update (email) on identity.users from bursar_user;
grant update (username, first_name, last_name, wallet_address) on identity.users to bursar_user;

create table identity.avatars (
    user_id uuid not null,
    -- Written anew by the program, never the bytes that were sent.
    png bytea not null,
    updated_at timestamptz not null default now(),
    constraint avatars_pkey primary key (user_id),
    constraint avatars_user_id_fkey foreign key (user_id)
        references identity.users (id) on delete cascade,
    constraint avatars_png_check check (octet_length(png) <= 524288)
);
alter table identity.avatars enable row level security;
alter table identity.avatars force row level security;
create policy avatars_owner on identity.avatars to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy avatars_system on identity.avatars to bursar_system using (true) with check (true);
grant select, insert, update, delete on identity.avatars to bursar_user, bursar_system;
create trigger avatars_touch before update on identity.avatars
    for each row execute function platform.touch_updated_at();
