-- Own categories with targets, what belongs to them, and what funds are made of.
create table portfolio.vault_categories (
    user_id uuid not null references identity.users on delete cascade,
    id uuid not null default gen_random_uuid(),
    -- A category above this one; there are two levels.
    parent_id uuid,
    category_name text not null
        constraint vault_categories_name_check check (length(btrim(category_name)) between 1 and 100),
    category_type text not null default 'custom' constraint vault_categories_type_check check (
        category_type in ('asset_class', 'sector', 'geography', 'strategy', 'risk_level', 'custom')
    ),
    category_description text,
    category_color text not null default '#3b82f6'
        constraint vault_categories_color_check check (category_color ~ '^#[0-9a-f]{6}$'),
    -- Percent of everything that is owned.
    target_allocation_percent numeric(7, 4)
        constraint vault_categories_target_check check (target_allocation_percent between 0 and 100),
    min_allocation_percent numeric(7, 4)
        constraint vault_categories_min_check check (min_allocation_percent between 0 and 100),
    max_allocation_percent numeric(7, 4)
        constraint vault_categories_max_check check (max_allocation_percent between 0 and 100),
    -- How far from its target it may be: in percentage points, and in percent of the target.
    rebalance_threshold numeric(7, 4) not null default 5
        constraint vault_categories_threshold_check check (rebalance_threshold between 0 and 100),
    relative_threshold numeric(7, 4)
        constraint vault_categories_relative_check check (relative_threshold between 0 and 100),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (user_id, id),
    foreign key (user_id, parent_id) references portfolio.vault_categories on delete set null (parent_id),
    -- What is not stated takes no part in the comparison.
    constraint vault_categories_range_check check (
        coalesce(min_allocation_percent <= target_allocation_percent, true)
        and coalesce(target_allocation_percent <= max_allocation_percent, true)
        and coalesce(min_allocation_percent <= max_allocation_percent, true)
    )
);
create unique index vault_categories_name_key on portfolio.vault_categories (user_id, lower(category_name));
create index vault_categories_parent_idx on portfolio.vault_categories (user_id, parent_id);
create trigger vault_categories_touch before update on portfolio.vault_categories
    for each row execute function platform.touch_updated_at();
alter table portfolio.vault_categories enable row level security;
alter table portfolio.vault_categories force row level security;
create policy vault_categories_owner on portfolio.vault_categories to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy vault_categories_system on portfolio.vault_categories to bursar_system
    using (true) with check (true);
grant select, insert, update, delete on portfolio.vault_categories to bursar_user, bursar_system;

-- What concerns several categories at once: levels, and targets that are more than the whole.
create function portfolio.check_categories() returns trigger language plpgsql as $$
declare
    person uuid;
begin
    for person in select distinct user_id from changed loop
        -- One edit at a time, so that two of them cannot pass each other unseen.
        perform pg_advisory_xact_lock(hashtextextended('portfolio.vault_categories ' || person, 0));
        if exists (
            select from portfolio.vault_categories child
            join portfolio.vault_categories parent
              on parent.user_id = child.user_id and parent.id = child.parent_id
            where child.user_id = person and parent.parent_id is not null
        ) then
            raise exception 'categories have two levels'
                using errcode = 'check_violation', constraint = 'vault_categories_levels_check';
        end if;
        if exists (
            select from portfolio.vault_categories c
            left join portfolio.vault_categories parent
              on parent.user_id = c.user_id and parent.id = c.parent_id
            where c.user_id = person
            group by parent.id, parent.target_allocation_percent
            having sum(c.target_allocation_percent) > coalesce(parent.target_allocation_percent, 100)
        ) then
            raise exception 'targets are more than the whole'
                using errcode = 'check_violation', constraint = 'vault_categories_targets_check';
        end if;
    end loop;
    return null;
end
$$;
create trigger vault_categories_inserted after insert on portfolio.vault_categories
    referencing new table as changed
    for each statement execute function portfolio.check_categories();
create trigger vault_categories_updated after update on portfolio.vault_categories
    referencing new table as changed
    for each statement execute function portfolio.check_categories();

-- A rule puts every instrument into its category of which `field` is one of `operands`.
create table portfolio.category_rules (
    user_id uuid not null references identity.users on delete cascade,
    id uuid not null default gen_random_uuid(),
    category_id uuid not null,
    field text not null constraint category_rules_field_check check (
        field in ('asset_class', 'sector', 'region', 'country', 'currency', 'symbol')
    ),
    operands text[] not null
        constraint category_rules_operands_check check (cardinality(operands) between 1 and 500),
    created_at timestamptz not null default now(),
    primary key (user_id, id),
    foreign key (user_id, category_id) references portfolio.vault_categories on delete cascade
);
create index category_rules_category_idx on portfolio.category_rules (user_id, category_id);
alter table portfolio.category_rules enable row level security;
alter table portfolio.category_rules force row level security;
create policy category_rules_owner on portfolio.category_rules to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy category_rules_system on portfolio.category_rules to bursar_system
    using (true) with check (true);
grant select, insert, update, delete on portfolio.category_rules to bursar_user, bursar_system;

-- What was decided by hand, suggestions that were accepted or declined among it. What follows from
-- rules is not kept: it is worked out anew.
create table portfolio.asset_category_assignment (
    user_id uuid not null references identity.users on delete cascade,
    -- A decision about an instrument goes with it: it keeps no booking.
    instrument_id uuid not null references market.instruments on delete cascade,
    category_id uuid not null,
    assignment_type text not null default 'manual' constraint asset_category_assignment_type_check
        check (assignment_type in ('manual', 'suggested')),
    assignment_confidence numeric(5, 4) not null default 1
        constraint asset_category_assignment_confidence_check check (assignment_confidence between 0 and 1),
    -- The percent of the holding that counts.
    weight numeric(7, 4) not null default 100
        constraint asset_category_assignment_weight_check check (weight > 0 and weight <= 100),
    -- Neither rule nor suggestion puts it there again.
    is_declined boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (user_id, instrument_id, category_id),
    foreign key (user_id, category_id) references portfolio.vault_categories on delete cascade
);
create index asset_category_assignment_category_idx
    on portfolio.asset_category_assignment (user_id, category_id);
create index asset_category_assignment_instrument_idx
    on portfolio.asset_category_assignment (instrument_id);
create trigger asset_category_assignment_touch before update on portfolio.asset_category_assignment
    for each row execute function platform.touch_updated_at();
alter table portfolio.asset_category_assignment enable row level security;
alter table portfolio.asset_category_assignment force row level security;
create policy asset_category_assignment_owner on portfolio.asset_category_assignment to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy asset_category_assignment_system on portfolio.asset_category_assignment to bursar_system
    using (true) with check (true);
grant select, insert, update, delete on portfolio.asset_category_assignment
    to bursar_user, bursar_system;

-- Of what a fund is made, in percent, as its owner knows it; what is missing to 100 is unknown.
create table portfolio.fund_weights (
    user_id uuid not null references identity.users on delete cascade,
    instrument_id uuid not null references market.instruments on delete cascade,
    dimension text not null constraint fund_weights_dimension_check
        check (dimension in ('asset_class', 'sector', 'country')),
    key text not null constraint fund_weights_key_check check (length(btrim(key)) between 1 and 100),
    percent numeric(9, 6) not null
        constraint fund_weights_percent_check check (percent > 0 and percent <= 100),
    primary key (user_id, instrument_id, dimension, key)
);
create index fund_weights_instrument_idx on portfolio.fund_weights (instrument_id);
alter table portfolio.fund_weights enable row level security;
alter table portfolio.fund_weights force row level security;
create policy fund_weights_owner on portfolio.fund_weights to bursar_user
    using (user_id = platform.current_user_id()) with check (user_id = platform.current_user_id());
create policy fund_weights_system on portfolio.fund_weights to bursar_system using (true) with check (true);
grant select, insert, update, delete on portfolio.fund_weights to bursar_user, bursar_system;

-- No instrument is divided into more than the whole of it.
create function portfolio.check_category_weights() returns trigger language plpgsql as $$
declare
    person uuid;
begin
    for person in select distinct user_id from changed loop
        perform pg_advisory_xact_lock(
            hashtextextended('portfolio.asset_category_assignment ' || person, 0));
        if exists (
            select from portfolio.asset_category_assignment a
            where a.user_id = person and not a.is_declined
              and a.instrument_id in (select instrument_id from changed)
            group by a.instrument_id having sum(a.weight) > 100
        ) then
            raise exception 'an instrument is assigned to more than the whole' using
                errcode = 'check_violation', constraint = 'asset_category_assignment_sum_check';
        end if;
    end loop;
    return null;
end
$$;
create trigger asset_category_assignment_inserted after insert on portfolio.asset_category_assignment
    referencing new table as changed
    for each statement execute function portfolio.check_category_weights();
create trigger asset_category_assignment_updated after update on portfolio.asset_category_assignment
    referencing new table as changed
    for each statement execute function portfolio.check_category_weights();

create function portfolio.check_fund_weights() returns trigger language plpgsql as $$
declare
    person uuid;
begin
    for person in select distinct user_id from changed loop
        perform pg_advisory_xact_lock(hashtextextended('portfolio.fund_weights ' || person, 0));
        if exists (
            select from portfolio.fund_weights w
            where w.user_id = person and w.instrument_id in (select instrument_id from changed)
            group by w.instrument_id, w.dimension having sum(w.percent) > 100
        ) then
            raise exception 'a fund is made of more than the whole'
                using errcode = 'check_violation', constraint = 'fund_weights_sum_check';
        end if;
    end loop;
    return null;
end
$$;
create trigger fund_weights_inserted after insert on portfolio.fund_weights
    referencing new table as changed
    for each statement execute function portfolio.check_fund_weights();
