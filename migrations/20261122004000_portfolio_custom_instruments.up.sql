-- Instruments of one's own: units with a price that no source knows. They share the handle, the values
-- and the isolation of what is private; a value is then the price of one unit.
alter table portfolio.private_assets
    drop constraint private_assets_kind_check,
    add constraint private_assets_kind_check
        check (kind in ('property', 'private_holding', 'other', 'liability', 'instrument')),
    -- What stands for it in transactions and files; of the other kinds their name does.
    add column symbol text
        constraint private_assets_symbol_check check (length(symbol) between 1 and 50 and symbol !~ '\s'),
    add column asset_class text
        constraint private_assets_asset_class_check
        check (asset_class in ('equity', 'etf', 'fund', 'bond', 'crypto', 'commodity', 'cash', 'alternative')),
    add column sector text
        constraint private_assets_sector_check check (length(sector) between 1 and 100),
    add column industry text
        constraint private_assets_industry_check check (length(industry) between 1 and 100),
    add column country text
        constraint private_assets_country_check check (length(country) between 1 and 100),
    add column isin text
        constraint private_assets_isin_check check (isin ~ '^[A-Z]{2}[A-Z0-9]{9}[0-9]$'),
    add constraint private_assets_instrument_check check (
        case when kind = 'instrument' then num_nonnulls(symbol, asset_class) = 2
             else num_nonnulls(symbol, asset_class, sector, industry, country, isin) = 0 end
    );
-- One word means one thing, whether it is a name or a symbol.
drop index portfolio.private_assets_name_key;
create unique index private_assets_name_key
    on portfolio.private_assets (user_id, lower(coalesce(symbol, name)))
    where deleted_at is null;
