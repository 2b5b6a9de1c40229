-- What happens within one instant keeps its order in the log.
alter table market.fetches drop column id;
alter table market.fetches
    add column id bigint generated always as identity constraint fetches_pkey primary key;
create index fetches_at_idx on market.fetches (at desc, id desc);
