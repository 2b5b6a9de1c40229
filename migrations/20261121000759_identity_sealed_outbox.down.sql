alter table identity.outbox no force row level security;
delete from identity.outbox where link is not null;
alter table identity.outbox force row level security;
alter table identity.outbox drop constraint outbox_link_check;
alter table identity.outbox drop column link;
alter table identity.outbox
    add column link_path text,
    add constraint outbox_link_path_check check (state <> 'sent' or link_path is null);
