-- What an option contract is about, liabilities, and instruments that only their owner knows.
alter table market.instruments
    drop constraint instruments_asset_class_check,
    add constraint instruments_asset_class_check check (
        asset_class in ('equity', 'etf', 'fund', 'bond', 'crypto', 'forex', 'commodity', 'cash', 'option',
            'alternative', 'liability', 'index')
    ),
    -- Units that a price stands for: 100 for most option contracts.
    add column multiplier numeric(20, 8) not null default 1
        constraint instruments_multiplier_check check (multiplier > 0),
    add column underlying_id uuid references market.instruments,
    add column strike numeric(20, 8) constraint instruments_strike_check check (strike > 0),
    add column option_right text
        constraint instruments_option_right_check check (option_right in ('call', 'put')),
    add column expires_on date,
    -- A handle without a word in it: name and prices are with the person who owns it.
    add column is_private boolean not null default false,
    add constraint instruments_option_terms_check check (
        num_nulls(underlying_id, strike, option_right, expires_on) in (0, 4)
    );
create index instruments_underlying_idx on market.instruments (underlying_id)
    where underlying_id is not null;
