-- An instrument of one's own becomes another asset that is called by its symbol: its transactions and
-- its prices stay. The owner of the tables is bound by their policies too.
alter table portfolio.private_assets no force row level security;
alter table portfolio.transactions no force row level security;
alter table portfolio.portfolios no force row level security;
alter table portfolio.private_assets drop constraint private_assets_instrument_check;
update portfolio.private_assets
set kind = 'other', name = symbol
where kind = 'instrument';
alter table portfolio.portfolios force row level security;
alter table portfolio.transactions force row level security;
alter table portfolio.private_assets force row level security;
drop index portfolio.private_assets_name_key;
create unique index private_assets_name_key on portfolio.private_assets (user_id, lower(name))
    where deleted_at is null;
alter table portfolio.private_assets
    drop column symbol,
    drop column asset_class,
    drop column sector,
    drop column industry,
    drop column country,
    drop column isin,
    drop constraint private_assets_kind_check,
    add constraint private_assets_kind_check
        check (kind in ('property', 'private_holding', 'other', 'liability'));
