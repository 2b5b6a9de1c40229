create or replace function market.delete_unused_simulated() returns bigint language plpgsql as $$
declare
    simulated uuid;
    deleted bigint := 0;
begin
    for simulated in select id from market.instruments where is_simulated order by id loop
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
