-- People, their sessions, their API tokens and their preferences.
create schema identity;
grant usage on schema identity to bursar_user, bursar_system;

create table identity.users (
    id uuid primary key default gen_random_uuid(),
    email text not null,
    name text not null default '',
    password_hash text not null,
    role text not null default 'user' constraint users_role_check check (role in ('admin', 'user', 'agent')),
    status text not null default 'active'
        constraint users_status_check check (status in ('active', 'inactive', 'suspended', 'deleted')),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    last_signed_in_at timestamptz,
    constraint users_email_check check (email = lower(email) and email like '%_@_%')
);
create unique index users_email_key on identity.users (email);
create trigger users_touch before update on identity.users
    for each row execute function platform.touch_updated_at();

alter table identity.users enable row level security;
alter table identity.users force row level security;
create policy users_owner on identity.users to bursar_user
    using (id = platform.current_user_id()) with check (id = platform.current_user_id());
create policy users_system on identity.users to bursar_system using (true) with check (true);
-- A person may change the own name and password, not the own role or status.
grant select, update (email, name, password_hash) on identity.users to bursar_user;
grant select, insert, update, delete on identity.users to bursar_system;

create table identity.sessions (
    user_id uuid not null references identity.users on delete cascade,
    id uuid not null default gen_random_uuid(),
    token_hash bytea not null,
    address text,
    agent text,
    created_at timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    expires_at timestamptz not null,
    primary key (user_id, id)
);
create unique index sessions_token_hash_key on identity.sessions (token_hash);
create index sessions_expires_at_idx on identity.sessions (expires_at);
alter table identity.sessions enable row level security;
alter table identity.sessions force row level security;
create policy sessions_owner on identity.sessions to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy sessions_system on identity.sessions to bursar_system using (true) with check (true);
grant select, delete on identity.sessions to bursar_user;
grant select, insert, update, delete on identity.sessions to bursar_system;

create table identity.tokens (
    user_id uuid not null references identity.users on delete cascade,
    id uuid not null default gen_random_uuid(),
    name text not null,
    token_hash bytea not null,
    -- The first characters, so that a person recognises the token in the list.
    prefix text not null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    primary key (user_id, id),
    constraint tokens_name_check check (length(btrim(name)) between 1 and 100)
);
create unique index tokens_token_hash_key on identity.tokens (token_hash);
alter table identity.tokens enable row level security;
alter table identity.tokens force row level security;
create policy tokens_owner on identity.tokens to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy tokens_system on identity.tokens to bursar_system using (true) with check (true);
grant select, insert, delete on identity.tokens to bursar_user;
grant select, insert, update, delete on identity.tokens to bursar_system;

create table identity.preferences (
    user_id uuid primary key references identity.users on delete cascade,
    base_currency text not null default 'EUR'
        constraint preferences_base_currency_check check (base_currency ~ '^[A-Z][A-Z0-9]{2,7}$'),
    locale text not null default 'en-US',
    theme text not null default 'system'
        constraint preferences_theme_check check (theme in ('system', 'light', 'dark')),
    hide_amounts boolean not null default false,
    updated_at timestamptz not null default now()
);
create trigger preferences_touch before update on identity.preferences
    for each row execute function platform.touch_updated_at();
alter table identity.preferences enable row level security;
alter table identity.preferences force row level security;
create policy preferences_owner on identity.preferences to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy preferences_system on identity.preferences to bursar_system using (true) with check (true);
grant select, insert, update, delete on identity.preferences to bursar_user, bursar_system;

-- One-time links: the first owner's set-up and password resets. Only the system reads them.
create table identity.links (
    token_hash bytea primary key,
    purpose text not null constraint links_purpose_check check (purpose in ('setup', 'password_reset')),
    user_id uuid references identity.users on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);
alter table identity.links enable row level security;
alter table identity.links force row level security;
create policy links_system on identity.links to bursar_system using (true) with check (true);
grant select, insert, update, delete on identity.links to bursar_system;
