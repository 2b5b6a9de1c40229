-- A close that a person stated stays whatever a source says, by whichever door it comes.
create function market.keep_override() returns trigger language plpgsql as $$
begin
    if exists (
        select from market.overrides o
        where o.instrument_id = old.instrument_id and o.date = (old.at at time zone 'UTC')::date
    ) then
        return null;
    end if;
    return new;
end
$$;
create trigger bars_1d_keep_override before update on market.bars_1d
    for each row when (new.source <> 'override')
    execute function market.keep_override();
