-- Who may register, invitations, and the one-time links that prove an address.

-- One row: how this instance takes newcomers.
create table identity.registration (
    only_row boolean not null default true,
    policy text not null default 'closed',
    -- What the operator laid down for the running server; null leaves the choice to the pages.
    pinned text,
    updated_at timestamptz not null default now(),
    constraint registration_pkey primary key (only_row),
    constraint registration_only_row_check check (only_row),
    constraint registration_policy_check check (policy in ('open', 'invitation', 'closed')),
    constraint registration_pinned_check check (pinned in ('open', 'invitation', 'closed'))
);
insert into identity.registration default values;
create trigger registration_touch before update on identity.registration
    for each row execute function platform.touch_updated_at();
grant select, update on identity.registration to bursar_system;

create table identity.invitations (
    id uuid not null,
    -- For whoever has the link, who then proves an address.
    token_hash bytea,
    -- Or for one address alone, with a link among identity.links.
    email text,
    role text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    -- Who came of it; a used invitation stays as a record.
    user_id uuid,
    accepted_at timestamptz,
    constraint invitations_pkey primary key (id),
    constraint invitations_token_hash_key unique (token_hash),
    constraint invitations_email_check check (email = lower(email) and email like '%_@_%'),
    constraint invitations_token_hash_check check ((token_hash is null) = (email is not null)),
    constraint invitations_role_check check (role in ('admin', 'user', 'agent')),
    constraint invitations_user_id_fkey foreign key (user_id)
        references identity.users (id) on delete set null
);
create index invitations_user_id_idx on identity.invitations (user_id) where user_id is not null;
alter table identity.invitations enable row level security;
alter table identity.invitations force row level security;
create policy invitations_system on identity.invitations to bursar_system
    using (true) with check (true);
grant select, insert, update, delete on identity.invitations to bursar_system;

-- A link for somebody who has no account yet, and one that proves an address, carry that address.
alter table identity.links drop constraint links_purpose_check;
alter table identity.links
    add column email text,
    add column invitation_id uuid,
    add constraint links_purpose_check
        check (purpose in ('setup', 'password_reset', 'email', 'registration')),
    add constraint links_email_check check ((purpose in ('email', 'registration')) = (email is not null)),
    add constraint links_invitation_id_fkey foreign key (invitation_id)
        references identity.invitations (id) on delete cascade,
    add constraint links_invitation_id_check check (purpose = 'registration' or invitation_id is null);
create index links_invitation_id_idx on identity.links (invitation_id) where invitation_id is not null;
