do $$
begin
    if exists (select from market.instruments where quote_unit = 'minor') then
        raise exception 'There are instruments quoted in a hundredth of their currency, which the version before would value at a hundred times their price.'
            using hint = 'Delete their bars and state another unit first.';
    end if;
end
$$;
alter table market.instruments drop column quote_unit;
