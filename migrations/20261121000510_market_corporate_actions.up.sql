-- What companies do to their shares, stated once for everybody and proposed to whoever holds them.
create table market.corporate_actions (
    id uuid primary key default gen_random_uuid(),
    instrument_id uuid not null references market.instruments on delete cascade,
    type text not null constraint corporate_actions_type_check check (
        type in ('split', 'spin_off', 'merger', 'symbol_change', 'stock_dividend', 'return_of_capital',
            'dividend')
    ),
    -- The first day on which the shares trade without what the action gives.
    ex_date date not null constraint corporate_actions_ex_date_check check (ex_date >= '1900-01-01'),
    -- When the money arrives, where it is not the same day.
    pay_date date constraint corporate_actions_pay_date_check check (pay_date >= ex_date),
    ratio_to numeric(20, 8) constraint corporate_actions_ratio_to_check check (ratio_to > 0),
    ratio_from numeric(20, 8) constraint corporate_actions_ratio_from_check check (ratio_from > 0),
    target_instrument_id uuid references market.instruments on delete cascade,
    cost_share numeric(12, 10)
        constraint corporate_actions_cost_share_check check (cost_share between 0 and 1),
    cash_per_share numeric(20, 8)
        constraint corporate_actions_cash_per_share_check check (cash_per_share > 0),
    currency text
        constraint corporate_actions_currency_check check (currency ~ '^[A-Z][A-Z0-9]{2,7}$'),
    source text not null default '',
    note text not null default '',
    -- Grows with every edit.
    version integer not null default 1,
    -- Grows when the effect on a portfolio becomes another one; whoever applied it can tell.
    terms_version integer not null default 1,
    -- Deleted actions stay while portfolios may have applied them.
    withdrawn_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint corporate_actions_ratio_check check (
        (ratio_to is null) = (ratio_from is null)
        and (type not in ('split', 'spin_off', 'stock_dividend') or ratio_to is not null)
        and (type not in ('symbol_change', 'return_of_capital', 'dividend') or ratio_to is null)
    ),
    constraint corporate_actions_target_check check (
        (type in ('spin_off', 'symbol_change') and target_instrument_id is not null)
        or (type = 'merger' and (target_instrument_id is null) = (ratio_to is null)
            and (target_instrument_id is not null or cash_per_share is not null))
        or (type not in ('spin_off', 'symbol_change', 'merger') and target_instrument_id is null)
    ),
    constraint corporate_actions_other_target_check check (target_instrument_id <> instrument_id),
    constraint corporate_actions_cost_check check (
        (type <> 'spin_off' or cost_share is not null)
        and (type in ('spin_off', 'merger') or cost_share is null)
    ),
    constraint corporate_actions_cash_check check (
        (cash_per_share is null) = (currency is null)
        and (type not in ('return_of_capital', 'dividend') or cash_per_share is not null)
        and (type in ('return_of_capital', 'dividend', 'merger') or cash_per_share is null)
    )
);
-- The same action loaded twice is one action.
create unique index corporate_actions_identity_key
    on market.corporate_actions (instrument_id, type, ex_date) where withdrawn_at is null;
create index corporate_actions_ex_date_idx on market.corporate_actions (ex_date desc, id desc);
create index corporate_actions_instrument_idx on market.corporate_actions (instrument_id, ex_date desc);
create index corporate_actions_target_idx on market.corporate_actions (target_instrument_id)
    where target_instrument_id is not null;
create trigger corporate_actions_touch before update on market.corporate_actions
    for each row execute function platform.touch_updated_at();
grant select on market.corporate_actions to bursar_user;
grant select, insert, update, delete on market.corporate_actions to bursar_system;
