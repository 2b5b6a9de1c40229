-- Every event of an investor's life, and every way to choose the cost of what is sold.
alter table portfolio.portfolios
    drop constraint portfolios_cost_basis_check,
    add constraint portfolios_cost_basis_check
        check (cost_basis in ('fifo', 'lifo', 'hifo', 'average', 'specific_lot'));

alter table portfolio.transactions
    -- The instrument whose shares are received.
    add column target_instrument_id uuid references market.instruments on delete restrict,
    -- The part of the cost that goes with them.
    add column cost_share numeric(12, 10)
        constraint transactions_cost_share_check check (cost_share between 0 and 1),
    -- When transferred shares were bought.
    add column acquired_on date,
    -- Ties the two sides of a transfer between portfolios together.
    add column transfer_id uuid,
    -- Lots chosen for a sale: [{"lot": transaction, "quantity": shares}].
    add column lots jsonb not null default '[]'
        constraint transactions_lots_check check (jsonb_typeof(lots) = 'array'),
    drop constraint transactions_type_check,
    drop constraint transactions_instrument_check,
    drop constraint transactions_trade_check,
    drop constraint transactions_cash_check,
    drop constraint transactions_split_check,
    add constraint transactions_type_check check (
        type in ('buy', 'sell', 'short', 'cover', 'dividend', 'reinvested_dividend', 'stock_dividend',
            'return_of_capital', 'interest', 'deposit', 'withdrawal', 'conversion', 'transfer_in',
            'transfer_out', 'fee', 'tax', 'split', 'spin_off', 'merger', 'symbol_change', 'exercise',
            'assignment', 'expiry')
    ),
    add constraint transactions_instrument_check check (
        instrument_id is not null
        or type in ('interest', 'deposit', 'withdrawal', 'conversion', 'fee', 'tax')
    ),
    add constraint transactions_trade_check check (
        type not in ('buy', 'sell', 'short', 'cover', 'reinvested_dividend')
        or (quantity > 0 and price >= 0 and amount >= 0)
    ),
    add constraint transactions_quantity_check check (
        (type not in ('stock_dividend', 'exercise', 'assignment', 'expiry') or quantity > 0)
        and (type not in ('transfer_in', 'transfer_out') or quantity <> 0)
    ),
    add constraint transactions_cash_check check (
        type not in ('deposit', 'withdrawal', 'conversion') or amount > 0
    ),
    add constraint transactions_conversion_check check (
        type <> 'conversion' or settlement_currency is not null
    ),
    add constraint transactions_split_check check (
        (split_to is null) = (split_from is null)
        and (type not in ('split', 'spin_off') or split_to is not null)
        and (type in ('split', 'spin_off', 'merger') or split_to is null)
    ),
    add constraint transactions_target_check check (
        (type in ('spin_off', 'symbol_change') and target_instrument_id is not null)
        or type = 'merger'
        or target_instrument_id is null
    ),
    add constraint transactions_transfer_check check (
        transfer_id is null or type in ('transfer_in', 'transfer_out')
    );
create index transactions_target_idx on portfolio.transactions (target_instrument_id)
    where target_instrument_id is not null;
create unique index transactions_transfer_key on portfolio.transactions (user_id, transfer_id, type)
    where transfer_id is not null;
