-- The link of a message that waits opens an account, so it lies sealed.

-- No statement can seal what stands here in clear: messages with a link go, and whoever waits for one
-- asks again. Invitations for an address are made anew.
alter table identity.outbox no force row level security;
delete from identity.outbox where link_path is not null;
alter table identity.outbox force row level security;
alter table identity.outbox drop constraint outbox_link_path_check;
alter table identity.outbox drop column link_path;
alter table identity.outbox
    -- The path of a one-time link; it goes once the message was sent.
    add column link platform.sealed,
    add constraint outbox_link_check check (state <> 'sent' or link is null);
