-- Every node hears of a session that ended, by whichever door, so that it keeps nothing about it in its cache.
create function identity.tell_session_ended() returns trigger language plpgsql as $$
begin
    perform pg_notify('bursar_sessions_ended', old.id::text);
    return null;
end
$$;
create trigger sessions_tell_ended after delete on identity.sessions
    for each row execute function identity.tell_session_ended();
