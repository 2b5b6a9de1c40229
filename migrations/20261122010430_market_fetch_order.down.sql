alter table market.fetches drop column id;
alter table market.fetches
    add column id uuid default gen_random_uuid() constraint fetches_pkey primary key;
create index fetches_at_idx on market.fetches (at desc, id desc);
