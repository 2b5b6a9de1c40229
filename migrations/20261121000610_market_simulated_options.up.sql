-- Options of the sample go before the shares that they are about, so that both can go at once.
create or replace function market.delete_unused_simulated() returns bigint language plpgsql as $$
declare
    simulated uuid;
    deleted bigint := 0;
begin
    for simulated in
        select id from market.instruments where is_simulated order by underlying_id is null, id
    loop
        begin
            delete from market.instruments where id = simulated;
            deleted := deleted + 1;
        exception when foreign_key_violation then
            null;
        end;
    end loop;
    if not exists (select from market.instruments where is_simulated) then
        delete from market.simulated_fx_rates;
    end if;
    return deleted;
end
$$;
