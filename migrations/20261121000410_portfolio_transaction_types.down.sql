do $$
begin
    if exists (select from portfolio.transactions
               where type not in ('buy', 'sell', 'dividend', 'interest', 'deposit', 'withdrawal', 'fee',
                                  'tax', 'split'))
       or exists (select from portfolio.portfolios where cost_basis not in ('fifo', 'average')) then
        raise exception 'There are transactions or cost bases which the version before does not know.'
            using hint = 'Export what is wanted, delete these transactions and choose FIFO or average first.';
    end if;
end
$$;
drop index portfolio.transactions_transfer_key;
drop index portfolio.transactions_target_idx;
alter table portfolio.transactions
    drop constraint transactions_transfer_check,
    drop constraint transactions_target_check,
    drop constraint transactions_split_check,
    drop constraint transactions_conversion_check,
    drop constraint transactions_cash_check,
    drop constraint transactions_quantity_check,
    drop constraint transactions_trade_check,
    drop constraint transactions_instrument_check,
    drop constraint transactions_type_check,
    drop column lots,
    drop column transfer_id,
    drop column acquired_on,
    drop column cost_share,
    drop column target_instrument_id,
    add constraint transactions_type_check check (
        type in ('buy', 'sell', 'dividend', 'interest', 'deposit', 'withdrawal', 'fee', 'tax', 'split')
    ),
    add constraint transactions_instrument_check
        check (instrument_id is not null or type not in ('buy', 'sell', 'dividend', 'split')),
    add constraint transactions_trade_check
        check (type not in ('buy', 'sell') or (quantity > 0 and price >= 0 and amount >= 0)),
    add constraint transactions_cash_check
        check (type not in ('deposit', 'withdrawal') or amount > 0),
    add constraint transactions_split_check
        check ((type = 'split') = (split_to is not null and split_from is not null));
alter table portfolio.portfolios
    drop constraint portfolios_cost_basis_check,
    add constraint portfolios_cost_basis_check check (cost_basis in ('fifo', 'average'));
