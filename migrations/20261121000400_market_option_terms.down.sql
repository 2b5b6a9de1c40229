do $$
begin
    if exists (select from market.instruments
               where asset_class = 'liability' or underlying_id is not null or is_private) then
        raise exception 'There are liabilities, options or private assets, which the version before does not know.'
            using hint = 'Export what is wanted and delete them first.';
    end if;
end
$$;
drop index market.instruments_underlying_idx;
alter table market.instruments
    drop constraint instruments_option_terms_check,
    drop column is_private,
    drop column expires_on,
    drop column option_right,
    drop column strike,
    drop column underlying_id,
    drop column multiplier,
    drop constraint instruments_asset_class_check,
    add constraint instruments_asset_class_check check (
        asset_class in ('equity', 'etf', 'fund', 'bond', 'crypto', 'forex', 'commodity', 'cash', 'option',
            'alternative', 'index')
    );
