-- Secrets that were tried in vain, counted until they rest, so that a restart does not forget a wait.
-- Who or what was tried stands there as a keyed fingerprint alone: the table tells nobody which
-- accounts exist or who was attacked. Only the system reads it.
create table identity.failed_attempts (
    subject bytea not null,
    failures integer not null,
    last_at timestamptz not null,
    constraint failed_attempts_pkey primary key (subject),
    constraint failed_attempts_failures_check check (failures >= 0)
);
create index failed_attempts_last_at_idx on identity.failed_attempts (last_at);
alter table identity.failed_attempts enable row level security;
alter table identity.failed_attempts force row level security;
create policy failed_attempts_system on identity.failed_attempts to bursar_system
    using (true) with check (true);
grant select, insert, update, delete on identity.failed_attempts to bursar_system;
