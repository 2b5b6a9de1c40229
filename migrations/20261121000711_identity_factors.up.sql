-- Second factors: authenticator apps, passkeys, recovery codes; sign-ins that wait for the second step;
-- and when the person of a session last proved who they are.
alter table identity.sessions add column proved_at timestamptz not null default now();
grant update (proved_at) on identity.sessions to bursar_user;

create table identity.totp (
    user_id uuid primary key references identity.users on delete cascade,
    secret platform.sealed not null,
    -- Null while it is being set up: it does not count as a factor then.
    confirmed_at timestamptz,
    -- The newest time step whose code was accepted: no code is accepted twice.
    last_step bigint not null default 0 constraint totp_last_step_check check (last_step >= 0),
    created_at timestamptz not null
);
alter table identity.totp enable row level security;
alter table identity.totp force row level security;
create policy totp_owner on identity.totp to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy totp_system on identity.totp to bursar_system using (true) with check (true);
grant select, insert, update, delete on identity.totp to bursar_user, bursar_system;

create table identity.recovery_codes (
    user_id uuid not null references identity.users on delete cascade,
    id uuid not null,
    code_hash bytea not null,
    created_at timestamptz not null,
    used_at timestamptz,
    primary key (user_id, id),
    constraint recovery_codes_code_hash_key unique (user_id, code_hash)
);
alter table identity.recovery_codes enable row level security;
alter table identity.recovery_codes force row level security;
create policy recovery_codes_owner on identity.recovery_codes to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy recovery_codes_system on identity.recovery_codes to bursar_system
    using (true) with check (true);
grant select, insert, update, delete on identity.recovery_codes to bursar_user, bursar_system;

create table identity.passkeys (
    user_id uuid not null references identity.users on delete cascade,
    id uuid not null,
    name text not null,
    credential_id bytea not null,
    -- Public key, counter and flags, as webauthn-rs writes them.
    credential jsonb not null,
    created_at timestamptz not null,
    last_used_at timestamptz,
    -- When its counter went backwards: two copies of the key may exist, so it is refused from then on.
    suspected_at timestamptz,
    primary key (user_id, id),
    constraint passkeys_name_check check (length(btrim(name)) between 1 and 100),
    constraint passkeys_credential_id_key unique (credential_id)
);
alter table identity.passkeys enable row level security;
alter table identity.passkeys force row level security;
create policy passkeys_owner on identity.passkeys to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy passkeys_system on identity.passkeys to bursar_system using (true) with check (true);
grant select, insert, update, delete on identity.passkeys to bursar_user, bursar_system;

-- The password was right and the second step is missing. No session: it opens nothing else.
create table identity.pending_sign_ins (
    token_hash bytea primary key,
    user_id uuid not null references identity.users on delete cascade,
    -- The hash that was verified: a password that changed meanwhile ends this.
    password_hash text not null,
    failures integer not null default 0,
    expires_at timestamptz not null
);
create index pending_sign_ins_expires_at_idx on identity.pending_sign_ins (expires_at);
alter table identity.pending_sign_ins enable row level security;
alter table identity.pending_sign_ins force row level security;
create policy pending_sign_ins_system on identity.pending_sign_ins to bursar_system
    using (true) with check (true);
grant select, insert, update, delete on identity.pending_sign_ins to bursar_system;

-- What a passkey has been asked for: its challenge stays on the server and is used up by the answer.
create table identity.ceremonies (
    token_hash bytea primary key,
    purpose text not null
        constraint ceremonies_purpose_check
        check (purpose in ('register', 'sign_in', 'second_step', 'confirm')),
    -- Null where the passkey itself says who signs in.
    user_id uuid references identity.users on delete cascade,
    state jsonb not null,
    expires_at timestamptz not null,
    constraint ceremonies_user_id_check check ((purpose = 'sign_in') = (user_id is null))
);
create index ceremonies_expires_at_idx on identity.ceremonies (expires_at);
alter table identity.ceremonies enable row level security;
alter table identity.ceremonies force row level security;
create policy ceremonies_system on identity.ceremonies to bursar_system using (true) with check (true);
grant select, insert, update, delete on identity.ceremonies to bursar_system;
