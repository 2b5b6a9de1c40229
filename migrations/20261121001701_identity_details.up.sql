-- What people entrust that nobody else may read: phone number, tax numbers, keys of data providers.
-- The values are sealed; what is searched or listed stands beside them.
create table identity.phones (
    user_id uuid not null,
    phone platform.sealed not null,
    updated_at timestamptz not null,
    constraint phones_pkey primary key (user_id),
    constraint phones_user_id_fkey foreign key (user_id) references identity.users (id) on delete cascade
);
alter table identity.phones enable row level security;
alter table identity.phones force row level security;
create policy phones_owner on identity.phones to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy phones_system on identity.phones to bursar_system using (true) with check (true);
grant select, insert, update, delete on identity.phones to bursar_user, bursar_system;

create table identity.tax_ids (
    user_id uuid not null,
    -- ISO 3166-1 alpha-2.
    country text not null,
    tax_id platform.sealed not null,
    updated_at timestamptz not null,
    constraint tax_ids_pkey primary key (user_id, country),
    constraint tax_ids_country_check check (country ~ '^[A-Z]{2}$'),
    constraint tax_ids_user_id_fkey foreign key (user_id) references identity.users (id) on delete cascade
);
alter table identity.tax_ids enable row level security;
alter table identity.tax_ids force row level security;
create policy tax_ids_owner on identity.tax_ids to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy tax_ids_system on identity.tax_ids to bursar_system using (true) with check (true);
grant select, insert, update, delete on identity.tax_ids to bursar_user, bursar_system;

create table identity.provider_keys (
    user_id uuid not null,
    -- Who is asked with the key, such as alpha_vantage.
    provider text not null,
    api_key platform.sealed not null,
    updated_at timestamptz not null,
    constraint provider_keys_pkey primary key (user_id, provider),
    constraint provider_keys_provider_check check (provider ~ '^[a-z][a-z0-9_]{1,39}$'),
    constraint provider_keys_user_id_fkey
        foreign key (user_id) references identity.users (id) on delete cascade
);
alter table identity.provider_keys enable row level security;
alter table identity.provider_keys force row level security;
create policy provider_keys_owner on identity.provider_keys to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy provider_keys_system on identity.provider_keys to bursar_system
    using (true) with check (true);
grant select, insert, update, delete on identity.provider_keys to bursar_user, bursar_system;
