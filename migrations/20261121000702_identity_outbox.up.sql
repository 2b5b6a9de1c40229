-- Mail that waits to be sent, and what strangers asked for by naming an address.

create table identity.outbox (
    id uuid not null,
    -- Which text; the texts are in the program.
    kind text not null,
    recipient text not null,
    -- The path of a one-time link. It opens the door, so it goes once the message was sent.
    link_path text,
    -- Something the text names, such as another address.
    detail text,
    state text not null default 'waiting',
    attempts integer not null default 0,
    last_error text,
    created_at timestamptz not null,
    sent_at timestamptz,
    -- A message whose link has ended is not worth sending.
    expires_at timestamptz not null,
    constraint outbox_pkey primary key (id),
    constraint outbox_state_check check (state in ('waiting', 'sent', 'failed')),
    constraint outbox_attempts_check check (attempts >= 0),
    constraint outbox_sent_at_check check ((state = 'sent') = (sent_at is not null)),
    constraint outbox_link_path_check check (state <> 'sent' or link_path is null)
);
create index outbox_waiting_idx on identity.outbox (id) where state = 'waiting';
create index outbox_expires_at_idx on identity.outbox (expires_at);
alter table identity.outbox enable row level security;
alter table identity.outbox force row level security;
create policy outbox_system on identity.outbox to bursar_system using (true) with check (true);
grant select, insert, update, delete on identity.outbox to bursar_system;

-- Written by a request and answered by a job, so that a request does the same work whether or not
-- there is an account.
create table identity.mail_requests (
    id uuid not null,
    purpose text not null,
    email text not null,
    -- Who wants another address; null for whoever is not signed in.
    user_id uuid,
    invitation_id uuid,
    created_at timestamptz not null,
    constraint mail_requests_pkey primary key (id),
    constraint mail_requests_purpose_check check (purpose in ('register', 'reset', 'email')),
    constraint mail_requests_user_id_check check ((purpose = 'email') = (user_id is not null)),
    constraint mail_requests_user_id_fkey foreign key (user_id)
        references identity.users (id) on delete cascade,
    constraint mail_requests_invitation_id_fkey foreign key (invitation_id)
        references identity.invitations (id) on delete cascade
);
create index mail_requests_user_id_idx on identity.mail_requests (user_id) where user_id is not null;
create index mail_requests_invitation_id_idx on identity.mail_requests (invitation_id)
    where invitation_id is not null;
alter table identity.mail_requests enable row level security;
alter table identity.mail_requests force row level security;
create policy mail_requests_system on identity.mail_requests to bursar_system
    using (true) with check (true);
grant select, insert, delete on identity.mail_requests to bursar_system;
