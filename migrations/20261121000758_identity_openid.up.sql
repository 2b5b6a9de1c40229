-- Sign-in by a provider that speaks OpenID Connect: who is who there, and sign-ins that are on their way.
create table identity.openid_identities (
    user_id uuid not null references identity.users on delete cascade,
    id uuid not null,
    -- Together they name a person with the provider for good; an address may change hands.
    issuer text not null,
    subject text not null,
    -- As the provider last told it, to be recognised on the page.
    email text not null,
    created_at timestamptz not null,
    last_used_at timestamptz,
    constraint openid_identities_pkey primary key (user_id, id),
    constraint openid_identities_subject_key unique (issuer, subject),
    constraint openid_identities_subject_check check (length(subject) between 1 and 255)
);
alter table identity.openid_identities enable row level security;
alter table identity.openid_identities force row level security;
create policy openid_identities_owner on identity.openid_identities to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy openid_identities_system on identity.openid_identities to bursar_system
    using (true) with check (true);
-- What the provider says is read by the system alone; a person looks.
grant select on identity.openid_identities to bursar_user;
grant select, insert, update, delete on identity.openid_identities to bursar_system;

-- A browser was sent to the provider. State, nonce and the proof of the code follow from the secret in
-- its cookie, so nothing here helps whoever reads it.
create table identity.openid_flows (
    token_hash bytea not null,
    purpose text not null,
    -- Who links an identity or confirms to be there; null for whoever signs in.
    user_id uuid references identity.users on delete cascade,
    -- Where to go on.
    next text not null,
    began_at timestamptz not null,
    expires_at timestamptz not null,
    constraint openid_flows_pkey primary key (token_hash),
    constraint openid_flows_purpose_check check (purpose in ('sign_in', 'link', 'confirm')),
    constraint openid_flows_user_id_check check ((purpose = 'sign_in') = (user_id is null))
);
create index openid_flows_expires_at_idx on identity.openid_flows (expires_at);
create index openid_flows_user_id_idx on identity.openid_flows (user_id) where user_id is not null;
alter table identity.openid_flows enable row level security;
alter table identity.openid_flows force row level security;
create policy openid_flows_system on identity.openid_flows to bursar_system
    using (true) with check (true);
grant select, insert, delete on identity.openid_flows to bursar_system;
