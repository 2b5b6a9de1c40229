-- Requests that were sent, or are about to be, to sources with a limit of an hour or longer: such a limit holds over
-- all nodes and restarts. Rows that are older than the limit go with the next request.
create table market.sent_requests (
    id uuid primary key default gen_random_uuid(),
    provider text not null references market.providers on delete cascade,
    at timestamptz not null,
    number integer not null constraint sent_requests_number_check check (number > 0)
);
create index sent_requests_provider_idx on market.sent_requests (provider, at);
grant select, insert, update, delete on market.sent_requests to bursar_system;
-- What was sent on the last day counts.
insert into market.sent_requests (provider, at, number)
select provider, at, tries from market.fetches
where tries > 0 and at > now() - interval '1 day';
